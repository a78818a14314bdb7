import { PodiumError } from '#platform/errors'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'

export interface TickerOptions {
  readonly everyMs: number
  readonly work: () => Promise<void>
  readonly what: string
  readonly lifecycle: Lifecycle
  readonly logger: Logger
}

/** Does `work` again and again, never twice at a time; a failure is logged when it begins and waits for the next time. */
export const startTicker = ({ everyMs, work, what, lifecycle, logger }: TickerOptions): void => {
  let failing = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const tick = async (): Promise<void> => {
    try {
      await work()
      failing = false
    } catch (err) {
      const expected = err instanceof PodiumError && err.canRetry
      if (!expected) logger.error({ err, what }, 'failed')
      else if (!failing) logger.warn({ err, what }, 'unavailable')
      failing = true
    }
    if (!lifecycle.isStopping()) schedule()
  }
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = tick()
    }, everyMs)
  }

  schedule()
  lifecycle.onStop(what, () => {
    clearTimeout(timer)
    return running
  })
}
