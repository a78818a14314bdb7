import type { EarnedBatch } from '#gen/score_pb'

/** What an answer earned, as its player is told. */
export interface Score {
  readonly questionId: string
  /** Full credit. */
  readonly correct: boolean
  readonly points: number
  /** The player's total, and correct answers in a row. */
  readonly score: number
  readonly streak: number
}

/** Tells players what their answers earned: at once, or when the question closes. */
export interface ScoreUpdates {
  onBatch(batch: EarnedBatch): void
  /** Sends what was held for questions that are not hidden any more. */
  release(): void
}

export interface ScoreUpdatesOptions {
  readonly send: (playerId: string, score: Score) => void
  /** Id of the question whose results must not be told now. */
  readonly hidden: () => string | undefined
}

export const createScoreUpdates = ({ send, hidden }: ScoreUpdatesOptions): ScoreUpdates => {
  /** One per player, so bounded by the players of the session. */
  let held = new Map<string, Score>()

  const tell = (playerId: string, score: Score, hiddenId: string | undefined): void => {
    if (score.questionId === hiddenId) held.set(playerId, score)
    else send(playerId, score)
  }

  return {
    onBatch: ({ answers }) => {
      const hiddenId = hidden()
      for (const { playerId, questionId, correct, points, score, streak } of answers) {
        tell(playerId, { questionId, correct, points, score, streak }, hiddenId)
      }
    },
    release: () => {
      if (held.size === 0) return
      const waiting = held
      const hiddenId = hidden()
      held = new Map()
      for (const [playerId, score] of waiting) tell(playerId, score, hiddenId)
    },
  }
}
