import { newId } from '#platform/ids'
import type { Standing } from '../../standing.ts'

/** A standing that is only told what matters to the test. */
export const standingOf = (changes: Partial<Standing> = {}): Standing => ({
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
