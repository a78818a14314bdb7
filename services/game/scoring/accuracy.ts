import { asPassed, lessDelay } from './lag.ts'
import { type Rule, scaleHalfUp } from './rule.ts'

/** `accuracy`, version 1: P · credit, rounded half up. Neither time nor streaks count, whatever the settings say. */
export const accuracy1 = {
  name: 'accuracy',
  version: 1,
  lag: 'off',
  counted: asPassed,
  points: ({ pointsPossible, creditNumerator, creditDenominator }) =>
    scaleHalfUp(pointsPossible, creditNumerator, creditDenominator),
  streakBonus: () => 0,
} as const satisfies Rule

/** `accuracy`, version 2: as version 1; the answering time, which decides between equal scores, is without the delay of the network. */
export const accuracy2 = { ...accuracy1, version: 2, lag: 'measured', counted: lessDelay } as const satisfies Rule
