import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type Command, describeExit, type Exit, startChild } from './child.ts'
import { createTail } from './lines.ts'

export type ProcessSpec = {
  readonly name: string
  /** Asked at every start, so that it may choose a port or write a configuration file. */
  readonly command: () => Command | Promise<Command>
  /** One attempt to find out whether the process answers; rejects while it does not. Needs a deadline of its own. */
  readonly probe: (pid: number) => Promise<void>
  readonly stopSignal: NodeJS.Signals
  readonly stopTimeoutMs: number
  readonly startTimeoutMs: number
  /** A start that ends with this output was bad luck (a port taken meanwhile) and is tried again until the deadline. */
  readonly retryOn?: RegExp
  readonly onLine?: ((line: string) => void) | undefined
}

export type ManagedProcess = {
  readonly name: string
  readonly pid: number | undefined
  /** Resolves when the process answers. Rejects, with the process gone, when it exits first or the deadline passes. */
  start(): Promise<void>
  /** Resolves when the process is gone, also when it never ran. */
  stop(): Promise<void>
  /** Default SIGKILL. Resolves when the process is gone for signals that end it, else when the signal is sent. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Hears of every start and end of the process from now on. */
  watch(listener: ProcessListener): void
}

export type ProcessListener = {
  started?(pid: number): void
  exited?(exit: Exit): void
}

const endingSignals: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGSEGV']

/** A process that can be started, stopped, killed and started again under one name. Whether to restart is decided by the caller. */
export const createManagedProcess = (spec: ProcessSpec): ManagedProcess => {
  let child: Child | undefined
  const listeners: ProcessListener[] = []
  let stopped = false
  let starting: Promise<void> | undefined

  const launch = async (deadline: number): Promise<void> => {
    const tail = createTail(30)
    const command = await spec.command()
    if (stopped) throw new Error(`${spec.name} was stopped while starting`)
    const running = await startChild(command, {
      stopSignal: spec.stopSignal,
      onLine: (line) => {
        tail.add(line)
        spec.onLine?.(line)
      },
    })
    child = running
    for (const listener of listeners) listener.started?.(running.pid)
    if (stopped) running.kill('SIGKILL')
    void running.exited.then((exit) => {
      if (child === running) child = undefined
      for (const listener of listeners) listener.exited?.(exit)
    })
    const failure = await waitUntilReady(running, spec.probe, deadline)
    if (failure === undefined) return
    await running.stop('SIGKILL', 0)
    const lines = tail.lines()
    if (!stopped && Date.now() < deadline && spec.retryOn?.test(lines.join('\n'))) {
      await sleep(100)
      return launch(deadline)
    }
    throw new Error([`${spec.name} ${failure}`, ...lines.map((line) => `    ${line}`)].join('\n'))
  }

  return {
    name: spec.name,
    get pid() {
      return child?.pid
    },
    async start() {
      if (child !== undefined) throw new Error(`${spec.name} runs already`)
      stopped = false
      starting = launch(Date.now() + spec.startTimeoutMs)
      await starting
    },
    async stop() {
      stopped = true
      const settled = starting?.catch(() => undefined) // the caller of start() gets the error
      await Promise.all([child?.stop(spec.stopSignal, spec.stopTimeoutMs), settled])
    },
    async kill(signal = 'SIGKILL') {
      const target = child
      target?.kill(signal)
      if (endingSignals.includes(signal)) await target?.exited
    },
    watch(listener) {
      listeners.push(listener)
    },
  }
}

/** Undefined when the process answers, else what happened instead. */
const waitUntilReady = async (
  child: Child,
  probe: ProcessSpec['probe'],
  deadline: number,
): Promise<string | undefined> => {
  let exit: Exit | undefined
  void child.exited.then((value) => {
    exit = value
  })
  let lastError = ''
  for (let waitMs = 10; Date.now() < deadline; waitMs = Math.min(waitMs * 1.5, 100)) {
    if (exit !== undefined) return `ended while starting (${describeExit(exit)})`
    try {
      await probe(child.pid)
      if (child.running()) return undefined
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error)
    }
    await sleep(waitMs)
  }
  return `did not become ready in time (${lastError || 'no answer'})`
}
