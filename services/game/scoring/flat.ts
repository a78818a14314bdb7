import { type Rule, scaleHalfUp } from './rule.ts'
import { streakBonus1 } from './streaks.ts'

/** `flat`, version 1: P · credit, rounded half up, however long it took. */
export const flat1 = {
  name: 'flat',
  version: 1,
  points: ({ pointsPossible, creditNumerator, creditDenominator }) =>
    scaleHalfUp(pointsPossible, creditNumerator, creditDenominator),
  streakBonus: streakBonus1,
} as const satisfies Rule
