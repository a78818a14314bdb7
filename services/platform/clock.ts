/** The two clocks of a process. Injected, so that tests can turn them. */
export interface Clock {
  /** Wall clock, whole milliseconds since the Unix epoch. May jump; for display and for durable deadlines. */
  now(): number
  /** Milliseconds since some fixed moment, never going back; for elapsed time. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
