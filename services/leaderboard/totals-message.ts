import type { PlayerTotals } from '#gen/score_pb'
import type { Standing } from './standing.ts'

export const toTotals = (standing: Standing): PlayerTotals => ({
  $typeName: 'podium.v1.PlayerTotals',
  playerId: standing.playerId,
  joinOrder: standing.joinOrder,
  version: standing.version,
  score: standing.score,
  correctAnswers: standing.correctAnswers,
  correctMs: standing.correctMs,
  streak: standing.streak,
  answered: standing.answered,
  removed: standing.removed,
})
