/** CPU time of this process for the fastest of three runs. */
const cpuMsOf = (run: () => unknown): number =>
  Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000
    }),
  )

/** Below this a measurement says nothing. */
const LEAST_MS = 5

/**
 * Runs `work` with an input and with one eight times as large. `isLinear` unless it took more than twenty times the CPU time: it would
 * take 64 times if it grew with the square.
 */
export const growthOf = (work: (size: number) => () => unknown, size: number) => {
  const small = cpuMsOf(work(size))
  const large = cpuMsOf(work(8 * size))
  return {
    isLinear: large < 20 * Math.max(small, LEAST_MS),
    what: `${small.toFixed(1)} ms, eight times as large ${large.toFixed(1)} ms`,
  }
}
