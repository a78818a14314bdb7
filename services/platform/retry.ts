import { setTimeout as sleep } from 'node:timers/promises'
import { PodiumError } from './errors.ts'
import type { Logger } from './logger.ts'

export interface RetryOptions {
  /** What is waited for, in the log. */
  readonly what: string
  readonly logger: Logger
  /** Ends the waiting early, so that a store that is unavailable does not hold up a stop. */
  readonly isStopping: () => boolean
  /** Longest wait for the store. Default 12 000 ms. What waits for longer than `ack_wait` comes again, which is harmless. */
  readonly deadlineMs?: number
}

const FIRST_DELAY_MS = 50
const LONGEST_DELAY_MS = 1_000

/**
 * Repeats `work` for as long as it fails with an error that says it may succeed later (`canRetry`), after growing,
 * jittered delays. A consumer that waits in here takes no further messages meanwhile, which is what it should do while
 * its store is unavailable. `work` must be idempotent.
 * @throws the last error after the deadline or at a stop; any other error at once.
 */
export const retryWhileUnavailable = async <T>(work: () => Promise<T>, options: RetryOptions): Promise<T> => {
  const { what, logger, isStopping, deadlineMs = 12_000 } = options
  const deadline = performance.now() + deadlineMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await work()
      if (attempt > 1) logger.info({ what, attempts: attempt + 1 }, 'available again')
      return result
    } catch (err) {
      if (!(err instanceof PodiumError && err.canRetry)) throw err
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + Math.random())
      if (isStopping() || performance.now() + delayMs > deadline) throw err
      // A single failure is a deadlock or a reconnect; two in a row are an outage.
      if (attempt === 1) logger.warn({ err, what }, 'unavailable, waiting')
      await sleep(delayMs)
    }
  }
}
