import type { ScoreBatch } from '#gen/score_pb'
import type { Frame } from './frame.ts'
import { scoreFrame } from './stream-messages.ts'

/** Tells players what their answers earned: at once, or when the question closes. */
export interface ScoreUpdates {
  onBatch(batch: ScoreBatch): void
  /** Sends what was held for questions that are not hidden any more. */
  release(): void
}

export interface ScoreUpdatesOptions {
  readonly send: (playerId: string, frame: Frame) => void
  /** Id of the question whose results must not be told now. */
  readonly hidden: () => string | undefined
}

export const createScoreUpdates = ({ send, hidden }: ScoreUpdatesOptions): ScoreUpdates => {
  /** One per player and hidden question, so bounded by the players of the session. */
  let held = new Map<string, { readonly questionId: string; readonly frame: Frame }>()

  return {
    onBatch: ({ totals, answers }) => {
      const byPlayer = new Map(totals.map((each) => [each.playerId, each]))
      const hiddenId = hidden()
      for (const { playerId, questionId, correct, points } of answers) {
        const player = byPlayer.get(playerId)
        if (player === undefined) continue
        const frame = scoreFrame({ questionId, correct, points, score: player.score, streak: player.streak })
        if (questionId === hiddenId) held.set(playerId, { questionId, frame })
        else send(playerId, frame)
      }
    },
    release: () => {
      if (held.size === 0) return
      const waiting = held
      const hiddenId = hidden()
      held = new Map()
      for (const [playerId, entry] of waiting) {
        if (entry.questionId === hiddenId) held.set(playerId, entry)
        else send(playerId, entry.frame)
      }
    },
  }
}
