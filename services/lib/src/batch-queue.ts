export interface BatchQueue<T> {
  add(item: T): void
  /** How many items may be added now. */
  room(): number
  /** Resolves when there is room for a whole batch. */
  hasRoom(): Promise<void>
  /** Resolves when everything added so far has been handled. */
  drained(): Promise<void>
}

/**
 * Hands over whatever has been added, one batch at a time: a lone item goes at once, under load batches grow by
 * themselves. Holds two batches at the most, the one that is handled and the next. `handle` must not throw.
 */
export const createBatchQueue = <T>(maxBatch: number, handle: (batch: T[]) => Promise<void>): BatchQueue<T> => {
  let waiting: T[] = []
  let inHandling = 0
  let working: Promise<void> | undefined
  let makeRoom: (() => void) | undefined

  const room = (): number => 2 * maxBatch - waiting.length - inHandling

  const work = async (): Promise<void> => {
    // What arrives in the same turn of the event loop belongs to the same batch.
    await nextTurn()
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      inHandling = batch.length
      await handle(batch)
      inHandling = 0
      if (room() >= maxBatch) makeRoom?.()
      // What the handler has sent leaves before the next batch, and items that have arrived are collected into it.
      await nextTurn()
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
