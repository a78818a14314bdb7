import { setTimeout as sleep } from 'node:timers/promises'

export interface BatchQueue<T> {
  add(item: T): void
  /** How many items may be added now. */
  room(): number
  /** Resolves when there is room for a whole batch. */
  hasRoom(): Promise<void>
  /** Resolves when everything added so far has been handled. */
  drained(): Promise<void>
}

export interface BatchQueueOptions<T> {
  readonly maxBatch: number
  /** Must not throw. */
  readonly handle: (batch: T[]) => Promise<void>
  /** Least time from the beginning of one batch to that of the next, unless a whole batch waits; 0 = none. */
  readonly paceMs: number
}

/**
 * Hands over whatever has been added, one batch at a time: a lone item goes at once, under load batches grow by
 * themselves, and the pace keeps them from being small again as soon as the handler is fast: what a batch costs, whatever
 * its size, is paid a few hundred times a second and no more. Holds two batches at the most, the one that is
 * handled and the next.
 */
export const createBatchQueue = <T>({ maxBatch, handle, paceMs }: BatchQueueOptions<T>): BatchQueue<T> => {
  let waiting: T[] = []
  let inHandling = 0
  let working: Promise<void> | undefined
  let makeRoom: (() => void) | undefined
  let begunAt = Number.NEGATIVE_INFINITY

  const room = (): number => 2 * maxBatch - waiting.length - inHandling

  const nextBatch = async (): Promise<void> => {
    const restMs = begunAt + paceMs - performance.now()
    // A timer is a millisecond late on average, so what is left of less than one is not waited for.
    if (restMs >= 1 && waiting.length < maxBatch) await sleep(restMs)
    // What arrives in the same turn of the event loop belongs to the same batch, and what the last one has sent leaves.
    else await nextTurn()
  }

  const work = async (): Promise<void> => {
    await nextBatch()
    while (waiting.length > 0) {
      begunAt = performance.now()
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      inHandling = batch.length
      await handle(batch)
      inHandling = 0
      if (room() >= maxBatch) makeRoom?.()
      await nextBatch()
    }
    working = undefined
  }

  return {
    room,
    add: (item) => {
      waiting.push(item)
      working ??= work()
    },
    hasRoom: async () => {
      while (room() < maxBatch) {
        await new Promise<void>((resolve) => {
          makeRoom = resolve
        })
      }
    },
    drained: async () => {
      while (working !== undefined) await working
    },
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
