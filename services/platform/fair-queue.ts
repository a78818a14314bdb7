import { PodiumError } from './errors.ts'

export type FairQueue = ReturnType<typeof createFairQueue>

/**
 * Expensive work of many callers: one piece of a caller at a time, and few of all of them; the others wait in the order in which they
 * came.
 */
export const createFairQueue = ({
  atOnce,
  maxWaiting,
}: {
  readonly atOnce: number
  /** Of one caller. */
  readonly maxWaiting: number
}) => {
  const busy = new Set<string>()
  const waiting: { readonly caller: string; readonly start: () => void }[] = []
  let running = 0

  const startNext = (): void => {
    if (running >= atOnce) return
    const place = waiting.findIndex(({ caller }) => !busy.has(caller))
    const [next] = place === -1 ? [] : waiting.splice(place, 1)
    if (next === undefined) return
    running += 1
    busy.add(next.caller)
    next.start()
  }

  /** @throws PodiumError `rate-limited` when too much of the caller's waits */
  return async <T>(caller: string, work: () => Promise<T>): Promise<T> => {
    if (waiting.filter((other) => other.caller === caller).length >= maxWaiting) {
      throw new PodiumError('rate-limited', { extra: { retryAfterSeconds: 1 } })
    }
    await new Promise<void>((start) => {
      waiting.push({ caller, start })
      startNext()
    })
    try {
      return await work()
    } finally {
      running -= 1
      busy.delete(caller)
      startNext()
    }
  }
}
