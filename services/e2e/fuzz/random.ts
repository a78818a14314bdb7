/** A small generator of random numbers with a seed (mulberry32), for what is drawn millions of times. */
export interface Random {
  /** 0 ≤ x < bound, whole. */
  below(bound: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T | undefined
}

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return { below, chance: (probability) => next() < probability, pick: (items) => items[below(items.length)] }
}
