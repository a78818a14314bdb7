/** NaN for nothing. The mean of the two in the middle for an even number. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** Median of the rounds with the least and the greatest, as figures have it. */
export const summarize = (
  rounds: readonly number[],
): { readonly value: number; readonly spread: { readonly min: number; readonly max: number } } => ({
  value: median(rounds),
  spread: { min: Math.min(...rounds), max: Math.max(...rounds) },
})
