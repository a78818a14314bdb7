import type { LagCompensation } from './lag.ts'

/** One evaluated answer, as far as a rule may look at it. All integers. */
export interface ScorableAnswer {
  /** What an answer with full credit and without delay earns; ≥ 0. */
  readonly pointsPossible: number
  /** Credit is the exact fraction numerator / denominator in 0..1. */
  readonly creditNumerator: number
  readonly creditDenominator: number
  /** Answering time that counts, 0..timeLimitMs. */
  readonly elapsedMs: number
  /** > 0. */
  readonly timeLimitMs: number
}

/**
 * A scoring rule. Once a session was played with it, neither function may ever change: what changes is a new rule with
 * the next version, and both stay in rules.ts.
 */
export interface Rule {
  readonly name: string
  readonly version: number
  /** For sessions with this setting. */
  readonly lag: LagCompensation
  /** Answering time that counts, of the time that passed and the delay that was measured: milliseconds in 0..elapsedMs. */
  counted(elapsedMs: number, delayMs: number): number
  /** Points of one answer: an integer in 0..pointsPossible. */
  points(answer: ScorableAnswer): number
  /** What all streaks of a player are worth together, in sessions with a streak bonus; see streaks.ts for the argument. */
  streakBonus(correct: string): number
}

/**
 * value · numerator / denominator to the nearest integer, halves up, without a floating-point step in between: the same
 * inputs give the same points on every machine and in every language that folds the ledger again. All are integers ≥ 0,
 * the denominator > 0, and neither 2 · denominator nor numerator exceeds 2^53.
 */
export const scaleHalfUp = (value: number, numerator: number, denominator: number): number => {
  const doubled = 2 * value * numerator + denominator
  if (doubled <= Number.MAX_SAFE_INTEGER) return (doubled - (doubled % (2 * denominator))) / (2 * denominator)
  return Number((2n * BigInt(value) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator)))
}
