import { PodiumError } from '#platform/errors'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'

/** Runs `work` until the stop, never twice at a time; a failure is logged when it begins and is tried again next time. */
export const repeatEvery = (
  ms: number,
  what: string,
  work: () => Promise<void>,
  { lifecycle, logger }: { readonly lifecycle: Lifecycle; readonly logger: Logger },
): void => {
  let failing = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const run = async (): Promise<void> => {
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
      running = run()
    }, ms)
  }

  schedule()
  lifecycle.onStop(what, () => {
    clearTimeout(timer)
    return running
  })
}
