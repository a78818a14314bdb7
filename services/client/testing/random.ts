/** Numbers 0 ≤ x < 1 that depend on nothing but their seed (Mulberry32 over an FNV-1a hash); no use for secrets. */
export type Random = () => number

export const createRandom = (...seed: readonly (string | number)[]): Random => {
  let state = 0x811c9dc5
  for (const character of seed.join('/')) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export const chance = (random: Random, probability: number): boolean => random() < probability

/** About normal, by the sum of four. */
export const around = (random: Random, mean: number, deviation: number): number =>
  mean + (random() + random() + random() + random() - 2) * Math.sqrt(3) * deviation

export const shuffled = <T>(random: Random, items: readonly T[]): T[] => {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index--) {
    const other = below(random, index + 1)
    const [a, b] = [result[index], result[other]]
    if (a === undefined || b === undefined) continue
    result[index] = b
    result[other] = a
  }
  return result
}
