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

/**
 * `speed`: P · credit · (1 − (t / T) / 2), rounded half up. `flat`: P · credit, rounded half up.
 * Undefined for a rule that is not known here or inputs that no rule takes.
 */
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
  if (whole === 0n || limit === 0n || credit > whole || elapsed > limit || input.ruleVersion !== 1) return undefined
  switch (input.rule) {
    case 'speed':
      return Number(roundHalfUp(possible * credit * (2n * limit - elapsed), whole * 2n * limit))
    case 'flat':
      return Number(roundHalfUp(possible * credit, whole))
    default:
      return undefined
  }
}

const STREAK_STEP = 50
const STREAK_MOST = 250

/**
 * Bonus for correct answers in a row, in question order: nothing for the first, 50 for the second, 50 more for each one
 * after it up to 250 each. A question that was answered wrongly or not at all ends the row.
 */
export const streakBonusOf = (correct: string): number => {
  let bonus = 0
  let row = 0
  for (const bit of correct) {
    row = bit === '1' ? row + 1 : 0
    bonus += Math.min(STREAK_MOST, STREAK_STEP * Math.max(0, row - 1))
  }
  return bonus
}
