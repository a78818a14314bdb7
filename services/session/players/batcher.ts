import { PodiumError } from '#platform/errors'

export interface BatcherOptions<Item, Result> {
  /** Handles items of one key together; the results are in the order of the items. */
  run(key: string, items: readonly Item[]): Promise<readonly Result[]>
  /** Items in one call of `run` at the most. */
  readonly maxBatch: number
  /** Items of one key that may wait; further ones are refused with `unavailable`. */
  readonly maxWaiting: number
}

interface Waiter<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(cause: unknown): void
}

/**
 * Puts together what comes for the same key: an item that comes alone goes at once, those that come while a batch is under
 * way are the next one.
 */
export const createBatcher = <Item, Result>(options: BatcherOptions<Item, Result>) => {
  const { run, maxBatch, maxWaiting } = options
  const queues = new Map<string, Waiter<Item, Result>[]>()

  const work = async (key: string, queue: Waiter<Item, Result>[]): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0, maxBatch)
      try {
        const results = await run(
          key,
          batch.map(({ item }) => item),
        )
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
      } catch (cause) {
        for (const { reject } of batch) reject(cause)
      }
    }
    queues.delete(key)
  }

  return (key: string, item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      const waiter = { item, resolve, reject }
      const queue = queues.get(key)
      if (queue === undefined) {
        const fresh = [waiter]
        queues.set(key, fresh)
        void work(key, fresh)
      } else if (queue.length < maxWaiting) queue.push(waiter)
      else reject(new PodiumError('unavailable'))
    })
}
