import type { Logger } from './logger.ts'

/** Time for all stop steps together before the process gives up and exits 1. */
const STOP_DEADLINE_MS = 10_000

export interface Lifecycle {
  /** True between `ready()` and the start of the stop, except while impaired. */
  isReady(): boolean
  isStopping(): boolean
  ready(): void
  /** Something is wrong that does not end the process, and that others shall notice: not ready for so long from now. */
  impair(forMs: number): void
  /** Runs at stop, the last one added first. */
  onStop(name: string, step: () => unknown): void
  /** Stops once, however often it is called. `code` is the exit code, 0 by default. */
  stop(reason: string, code?: number): Promise<void>
  /** For what cannot be survived: logs, stops, exits 1. */
  fail(cause: unknown, message: string): void
}

/**
 * Start and stop of a process: readiness, ordered stop steps, a hard deadline; SIGINT and SIGTERM stop it, a second
 * signal exits at once with 1, an unhandled rejection or exception stops it with 1.
 */
export const createLifecycle = (logger: Logger, proc: NodeJS.Process = process): Lifecycle => {
  const steps: { name: string; step: () => unknown }[] = []
  let ready = false
  let impairedUntil = 0
  let stopping: Promise<void> | undefined

  const runSteps = async (reason: string, code: number): Promise<void> => {
    logger.info({ reason }, 'stopping')
    const deadline = setTimeout(() => {
      logger.error('stop deadline passed')
      proc.exit(1)
    }, STOP_DEADLINE_MS)
    for (const { name, step } of steps.toReversed()) {
      try {
        await step()
      } catch (err) {
        logger.error({ err, step: name }, 'stop step failed')
      }
    }
    clearTimeout(deadline)
    logger.info('stopped')
    proc.exit(code)
  }

  const lifecycle: Lifecycle = {
    isReady: () => ready && stopping === undefined && performance.now() >= impairedUntil,
    isStopping: () => stopping !== undefined,
    ready: () => {
      ready = true
      logger.info('ready')
    },
    impair: (forMs) => {
      impairedUntil = Math.max(impairedUntil, performance.now() + forMs)
    },
    onStop: (name, step) => {
      steps.push({ name, step })
    },
    stop: (reason, code = 0) => {
      stopping ??= runSteps(reason, code)
      return stopping
    },
    fail: (err, message) => {
      logger.fatal({ err }, message)
      void lifecycle.stop(message, 1)
    },
  }

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) proc.exit(1)
    void lifecycle.stop(signal)
  }
  proc.on('SIGTERM', onSignal)
  proc.on('SIGINT', onSignal)
  proc.on('uncaughtException', (err) => lifecycle.fail(err, 'uncaught exception'))
  proc.on('unhandledRejection', (err) => lifecycle.fail(err, 'unhandled rejection'))
  return lifecycle
}
