import type { Clock } from '#platform/clock'

const TICK_MS = 250

/** How late the event loop is. */
export interface Lateness {
  /** Milliseconds by which the last ticks came late: the smaller of two, so that one long pause is not load. */
  current(): number
  stop(): void
}

/** Measured with a timer of its own; costs four wake-ups a second. */
export const watchLateness = (clock: Pick<Clock, 'monotonic'>): Lateness => {
  let before = 0
  let last = 0
  let dueAt = clock.monotonic() + TICK_MS
  const timer = setInterval(() => {
    const now = clock.monotonic()
    before = last
    last = Math.max(0, now - dueAt)
    dueAt = now + TICK_MS
  }, TICK_MS)
  timer.unref()
  return { current: () => Math.min(before, last), stop: () => clearInterval(timer) }
}
