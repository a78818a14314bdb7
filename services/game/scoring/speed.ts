import { asPassed, lessDelay } from './lag.ts'
import { type Rule, scaleHalfUp } from './rule.ts'
import { streakBonus1 } from './streaks.ts'

/**
 * `speed`, version 1: P · credit · (1 − (t / T) / 2), rounded half up. An answer without delay earns all of P, one at the
 * last moment half of it. P points, t elapsed time, T time limit.
 *
 * Source: the formula that Kahoot publishes, "How points work" (support.kahoot.com): response time divided by the
 * question timer, divided by 2, subtracted from 1, multiplied by the points possible, rounded. Over one denominator,
 * so that everything stays an integer: P · n · (2T − t) / (d · 2T), where credit = n / d.
 */
export const speed1 = {
  name: 'speed',
  version: 1,
  lag: 'off',
  counted: asPassed,
  points: ({ pointsPossible, creditNumerator, creditDenominator, elapsedMs, timeLimitMs }) =>
    scaleHalfUp(pointsPossible, creditNumerator * (2 * timeLimitMs - elapsedMs), creditDenominator * 2 * timeLimitMs),
  streakBonus: streakBonus1,
} as const satisfies Rule

/** `speed`, version 2: as version 1, of the answering time without the delay of the network. */
export const speed2 = { ...speed1, version: 2, lag: 'measured', counted: lessDelay } as const satisfies Rule
