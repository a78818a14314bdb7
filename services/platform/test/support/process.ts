import { pino } from 'pino'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { TestContext } from './server.ts'

/** A logger that says nothing. */
export const silentLogger = (): Logger => pino({ level: 'silent' })

/** A lifecycle of a part under test: stops in the test's teardown, in reverse order, and never ends the process. */
export const testLifecycle = (t: TestContext): Lifecycle => {
  const steps: (() => unknown)[] = []
  let stopping: Promise<void> | undefined
  const lifecycle: Lifecycle = {
    isReady: () => stopping === undefined,
    isStopping: () => stopping !== undefined,
    ready: () => undefined,
    impair: () => undefined,
    onStop: (_name, step) => {
      steps.push(step)
    },
    stop: () => {
      stopping ??= (async () => {
        for (const step of steps.toReversed()) await step()
      })()
      return stopping
    },
    fail: (cause, message) => {
      throw new Error(message, { cause })
    },
  }
  t.teardown(() => lifecycle.stop('test over'))
  return lifecycle
}
