/**
 * The scoring rules, written from the contract and not from the scorer. Whole numbers of any size, so that no rounding of
 * the machine can agree with another by chance.
 */

const half = 2n

/** floor(numerator / denominator + 1/2) for numbers ≥ 0. */
const roundHalfUp = (numerator: bigint, denominator: bigint): bigint =>
  (numerator * half + denominator) / (denominator * half)

export interface PointsInput {
  readonly rule: string
  readonly ruleVersion: number
  readonly pointsPossible: number
  readonly creditNumerator: number
  readonly creditDenominator: number
  readonly elapsedMs: number
  readonly timeLimitMs: number
}

interface ScoringRule {
  /** Points of an answer: P possible points, credit c / w, t of T milliseconds. */
  readonly points: (P: bigint, c: bigint, w: bigint, t: bigint, T: bigint) => bigint
  /** What the streaks of a player add in a session with streak bonus. */
  readonly bonus: (correct: string) => number
}

/** By name and version. */
export const SCORING_RULES = {
  /** P · credit · (1 − (t / T) / 2), rounded half up. */
  'speed@1': { points: (P, c, w, t, T) => roundHalfUp(P * c * (2n * T - t), w * 2n * T), bonus: streakBonusOf },
  /** P · credit, rounded half up. */
  'flat@1': { points: (P, c, w) => roundHalfUp(P * c, w), bonus: streakBonusOf },
  /** P · credit, rounded half up, and no bonus. */
  'accuracy@1': { points: (P, c, w) => roundHalfUp(P * c, w), bonus: () => 0 },
  // Of the answering time without the delay of the network; otherwise as before.
  'speed@2': { points: (P, c, w, t, T) => roundHalfUp(P * c * (2n * T - t), w * 2n * T), bonus: streakBonusOf },
  'flat@2': { points: (P, c, w) => roundHalfUp(P * c, w), bonus: streakBonusOf },
  'accuracy@2': { points: (P, c, w) => roundHalfUp(P * c, w), bonus: () => 0 },
} as const satisfies Readonly<Record<string, ScoringRule>>

const MOST_GIVEN_BACK_MS = 300

/** Answering time that counts by a version of the rules, of the time that passed and the delay of the network in it. */
export const countedMs = (ruleVersion: number, elapsedMs: number, delayMs: number): number =>
  ruleVersion < 2 ? elapsedMs : Math.max(0, elapsedMs - Math.min(MOST_GIVEN_BACK_MS, delayMs))

const ruleOf = (name: string, version: number): ScoringRule | undefined =>
  (SCORING_RULES as Readonly<Record<string, ScoringRule>>)[`${name}@${version}`]

/** Undefined for a rule that is not known here or inputs that no rule takes. */
export const pointsOf = (input: PointsInput): number | undefined => {
  const numbers = [
    input.pointsPossible,
    input.creditNumerator,
    input.creditDenominator,
    input.elapsedMs,
    input.timeLimitMs,
  ]
  if (numbers.some((number) => !Number.isSafeInteger(number) || number < 0)) return undefined
  const [possible = 0n, credit = 0n, whole = 0n, elapsed = 0n, limit = 0n] = numbers.map(BigInt)
  if (whole === 0n || limit === 0n || credit > whole || elapsed > limit) return undefined
  const rule = ruleOf(input.rule, input.ruleVersion)
  return rule && Number(rule.points(possible, credit, whole, elapsed, limit))
}

/** What the streaks of a player are worth by a rule; nothing by one that is not known here. */
export const bonusOf = (name: string, version: number, correct: string, unscored: readonly number[] = []): number =>
  ruleOf(name, version)?.bonus([...correct].filter((_, index) => !unscored.includes(index)).join('')) ?? 0

const STREAK_STEP = 50
const STREAK_MOST = 250

/**
 * Bonus for correct answers in a row, in question order: nothing for the first, 50 for the second, 50 more for each one
 * after it up to 250 each. A question that was answered wrongly or not at all ends the row.
 */
function streakBonusOf(correct: string): number {
  let bonus = 0
  let row = 0
  for (const bit of correct) {
    row = bit === '1' ? row + 1 : 0
    bonus += Math.min(STREAK_MOST, STREAK_STEP * Math.max(0, row - 1))
  }
  return bonus
}
