import fc from 'fast-check'

const AT_ONCE = 100

/** Draws one value after the other; the same seed draws the same ones. */
export const createSampler = <T>(arbitrary: fc.Arbitrary<T>, seed: number): (() => T) => {
  let batch = 0
  let values: T[] = []
  return () => {
    if (values.length === 0) {
      values = fc.sample(arbitrary, { numRuns: AT_ONCE, seed: seed + batch }).reverse()
      batch += 1
    }
    return values.pop() as T
  }
}
