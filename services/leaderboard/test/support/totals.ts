import { newId } from '#platform/ids'
import type { Totals } from '../../../game/scoring/totals.ts'

/** Totals of a player, with what matters to the test. */
export const totalsWith = (changes: Partial<Totals> = {}): Totals => ({
  playerId: newId(),
  joinOrder: 1,
  version: 1,
  score: 1_000,
  correctAnswers: 1,
  correctMs: 5_000,
  streak: 1,
  answered: Uint8Array.of(1),
  removed: false,
  ...changes,
})
