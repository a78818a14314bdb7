import { asPassed, lessDelay } from './lag.ts'
import { type Rule, scaleHalfUp } from './rule.ts'
import { streakBonus1 } from './streaks.ts'

/** `flat`, version 1: P · credit, rounded half up, however long it took. */
export const flat1 = {
  name: 'flat',
  version: 1,
  lag: 'off',
  counted: asPassed,
  points: ({ pointsPossible, creditNumerator, creditDenominator }) =>
    scaleHalfUp(pointsPossible, creditNumerator, creditDenominator),
  streakBonus: streakBonus1,
} as const satisfies Rule

/** `flat`, version 2: as version 1; the answering time, which decides between equal scores, is without the delay of the network. */
export const flat2 = { ...flat1, version: 2, lag: 'measured', counted: lessDelay } as const satisfies Rule
