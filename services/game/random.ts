/** Uniform numbers in [0, 1). */
export type Random = () => number

/** The same seed gives the same numbers, on every machine and in every version (mulberry32 over both halves of the seed). */
export const seededRandom = (seed: number): Random => {
  let state = ((seed % 0x1_0000_0000) ^ Math.imul(Math.floor(seed / 0x1_0000_0000), 0x9e3779b1)) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A shuffled copy (Fisher and Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items]
  for (let end = result.length - 1; end > 0; end -= 1) {
    const pick = Math.floor(random() * (end + 1))
    const [a, b] = [result[end] as T, result[pick] as T]
    result[end] = b
    result[pick] = a
  }
  return result
}
