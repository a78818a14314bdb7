/** What every raw program answers to a turn: how much it did, in how much time, at what cost to itself. */
export interface TurnReport {
  readonly operations: number
  readonly seconds: number
  /** CPU time of the program itself, microseconds. */
  readonly cpuMicros: number
}

export interface Turn {
  readonly kind: 'turn'
  readonly seconds: number
}

/** Repeats `step`, which resolves with how many operations it did, until the time is up. */
export const repeatFor = async (seconds: number, step: () => Promise<number>): Promise<TurnReport> => {
  const before = process.cpuUsage()
  const began = performance.now()
  let operations = 0
  while (performance.now() - began < seconds * 1_000) operations += await step()
  const { user, system } = process.cpuUsage(before)
  return { operations, seconds: (performance.now() - began) / 1_000, cpuMicros: user + system }
}
