import { scaleHalfUp } from './fraction.ts'
import type { Rule } from './rule.ts'
import { streakBonus } from './streak.ts'

/** `flat`, version 1: P · credit, rounded half up, however long it took. */
export const flatRule1: Rule = {
  name: 'flat',
  version: 1,
  points: ({ pointsPossible, creditNumerator, creditDenominator }) =>
    scaleHalfUp(pointsPossible, creditNumerator, creditDenominator),
  streakBonus,
}
