import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'

/** Work that continues while its caller does not wait. It is finished before the process stops; a failure is logged. */
export type Background = (work: Promise<unknown>) => void

export const createBackground = ({ lifecycle, logger }: { lifecycle: Lifecycle; logger: Logger }): Background => {
  const underWay = new Set<Promise<unknown>>()
  lifecycle.onStop('background work', async () => {
    while (underWay.size > 0) await Promise.all(underWay)
  })
  return (work) => {
    const watched = work
      .catch((err: unknown) => logger.warn({ err }, 'background work failed'))
      .finally(() => underWay.delete(watched))
    underWay.add(watched)
  }
}

/** Does `work` now and again, with a pause after each time, until the process stops. A failure is logged. */
export const repeat = (options: {
  readonly name: string
  readonly pauseMs: number
  readonly work: () => Promise<void>
  readonly lifecycle: Lifecycle
  readonly logger: Logger
}): void => {
  const { name, pauseMs, work, lifecycle, logger } = options
  const stop = new AbortController()
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await work()
      } catch (err) {
        logger.warn({ err }, `${name} failed, will be repeated`)
      }
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const running = run()
  lifecycle.onStop(name, async () => {
    stop.abort()
    await running
  })
}
