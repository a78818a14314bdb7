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
