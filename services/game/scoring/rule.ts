/** One evaluated answer, as far as a rule may look at it. All integers. */
export interface ScorableAnswer {
  /** What a full-credit answer at once earns; ≥ 0. */
  readonly pointsPossible: number
  /** Credit is the exact fraction numerator / denominator in 0..1. */
  readonly creditNumerator: number
  readonly creditDenominator: number
  /** 0..timeLimitMs. */
  readonly elapsedMs: number
  /** > 0. */
  readonly timeLimitMs: number
}

/**
 * A scoring rule. Once a session was played with it, neither function may ever change: what changes is a new rule with
 * the next version, and both stay in the rule book.
 */
export interface Rule {
  readonly name: string
  readonly version: number
  /** Points of one answer: an integer in 0..pointsPossible. */
  points(answer: ScorableAnswer): number
  /** What all streaks of a player are worth together, for sessions with streak bonus; see streak.ts for the argument. */
  streakBonus(correct: string): number
}
