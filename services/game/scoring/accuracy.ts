import { type Rule, scaleHalfUp } from './rule.ts'

/** `accuracy`, version 1: P · credit, rounded half up. Neither time nor streaks count, whatever the settings say. */
export const accuracy1 = {
  name: 'accuracy',
  version: 1,
  points: ({ pointsPossible, creditNumerator, creditDenominator }) =>
    scaleHalfUp(pointsPossible, creditNumerator, creditDenominator),
  streakBonus: () => 0,
} as const satisfies Rule
