/** Finds the highest level that passes: grows until one fails, then halves the gap. Pure: the caller measures. */
export interface Bisection {
  /** The level to measure next; undefined when the answer is known. */
  next(): number | undefined
  record(level: number, isPassed: boolean): void
  /** The highest level that passed so far, 0 for none. */
  readonly best: number
}

export interface BisectionOptions {
  /** The first level. */
  readonly from: number
  /** Not beyond this one. */
  readonly most: number
  /** Levels are multiples of it. */
  readonly step: number
  /** Over when the lowest that failed is no further above the highest that passed. */
  readonly resolution: number
  /** Until a level has failed, each one is so many times the one before. */
  readonly growth?: number
  /** A level has failed when it failed so often: one disturbance of a shared machine is no answer. */
  readonly attempts?: number
}

export const createBisection = (options: BisectionOptions): Bisection => {
  const { from, most, step, resolution, growth = 1.5, attempts = 2 } = options
  let [passed, failed] = [0, Number.POSITIVE_INFINITY]
  const failures = new Map<number, number>()
  const rounded = (level: number): number => Math.min(most, Math.max(step, Math.round(level / step) * step))

  const candidate = (): number => {
    if (failed === Number.POSITIVE_INFINITY) return passed === 0 ? rounded(from) : rounded(passed * growth)
    return rounded((passed + failed) / 2)
  }

  return {
    next: () => {
      if (passed >= most || failed - passed <= Math.max(step, resolution)) return undefined
      const level = candidate()
      return level <= passed || level >= failed ? undefined : level
    },
    record: (level, isPassed) => {
      if (isPassed) {
        passed = Math.max(passed, level)
        return
      }
      const count = (failures.get(level) ?? 0) + 1
      failures.set(level, count)
      if (count >= attempts) failed = Math.min(failed, level)
    },
    get best() {
      return passed
    },
  }
}
