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
  /** Batches that are handled at a time, begun in order. Default 1. */
  readonly concurrency?: number
}

/**
 * Hands over whatever has been added, one batch after the other: a lone item goes at once, under load batches grow by
 * themselves, and the pace keeps them from being small again as soon as the handler is fast: what a batch costs, whatever
 * its size, is paid a few hundred times a second and no more. Holds one batch more than are handled
 * at a time.
 */
export const createBatchQueue = <T>(options: BatchQueueOptions<T>): BatchQueue<T> => {
  const { maxBatch, handle, paceMs, concurrency = 1 } = options
  let waiting: T[] = []
  let inHandling = 0
  const handling = new Set<Promise<void>>()
  let working: Promise<void> | undefined
  let makeRoom: (() => void) | undefined
  let begunAt = Number.NEGATIVE_INFINITY

  const room = (): number => (concurrency + 1) * maxBatch - waiting.length - inHandling

  const nextBatch = async (): Promise<void> => {
    const restMs = begunAt + paceMs - performance.now()
    // A timer is a millisecond late on average, so what is left of less than one is not waited for.
    if (restMs >= 1 && waiting.length < maxBatch) await sleep(restMs)
    // What arrives in the same turn of the event loop belongs to the same batch, and what the last one has sent leaves.
    else await nextTurn()
  }

  const begin = (): void => {
    begunAt = performance.now()
    const batch = waiting.slice(0, maxBatch)
    waiting = waiting.slice(maxBatch)
    inHandling += batch.length
    const handled = handle(batch).then(() => {
      inHandling -= batch.length
      handling.delete(handled)
      if (room() >= maxBatch) makeRoom?.()
    })
    handling.add(handled)
  }

  const work = async (): Promise<void> => {
    await nextBatch()
    while (waiting.length > 0) {
      begin()
      if (handling.size >= concurrency) await Promise.race(handling)
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
      while (working !== undefined || handling.size > 0) await Promise.all([working, ...handling])
    },
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
