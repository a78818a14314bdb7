/** Delays that grow, spread by chance, so that many clients that lost the same server do not come back at once. */
export interface Backoff {
  /** Upper bound of the first delay. Default 250. */
  readonly baseMs?: number
  /** Upper bound of every delay. Default 10 000. */
  readonly maxMs?: number
}

/** Between half of min(maxMs, baseMs · 2^attempt) and all of it; `attempt` counts from 0. */
export const backoffMs = (attempt: number, random: () => number, { baseMs = 250, maxMs = 10_000 }: Backoff = {}) => {
  const bound = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20))
  return Math.round(bound / 2 + (bound / 2) * random())
}

/** Resolves after `ms`, or at once when the signal aborts; the caller looks at the signal. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })

/** Resolves when the promise does, or after `ms`. Rejects as the promise does within that time. */
export const within = async (promise: Promise<unknown>, ms: number): Promise<void> => {
  const enough = new AbortController()
  try {
    await Promise.race([promise, pause(ms, enough.signal)])
  } finally {
    enough.abort()
  }
}
