import type { EarnedInBatch } from '#lib/codec/score'

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
  onBatch(batch: EarnedInBatch): void
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
    onBatch: ({ totals, answers }) => {
      const byPlayer = new Map(totals.map((each) => [each.playerId, each]))
      const hiddenId = hidden()
      for (const { playerId, questionId, correct, points } of answers) {
        const player = byPlayer.get(playerId)
        if (player === undefined) continue
        tell(playerId, { questionId, correct, points, score: player.score, streak: player.streak }, hiddenId)
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
