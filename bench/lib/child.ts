import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A helper process (a generator, a raw program) that answers every message with one message, in order. */
export interface Child {
  readonly pid: number
  /** Rejects when the process ends or says nothing for `timeoutMs` (default 60 000). */
  ask<T>(message: object | string, timeoutMs?: number): Promise<T>
  /** Without an answer. */
  tell(message: object): void
  /** The next message that it sends unasked. */
  hear<T>(timeoutMs?: number): Promise<T>
  /** Resolves when it is gone. */
  stop(): Promise<void>
}

const ANSWER_MS = 60_000

/** Garbage of requests and responses is collected rarely, and a generator is not late for it. */
const EXEC_ARGV = ['--max-semi-space-size=64']

/** Optimizing code that has just become hot stops the process for up to ten milliseconds, again and again in a short run. */
const PUNCTUAL_ARGV = [...EXEC_ARGV, '--no-opt', '--no-maglev']

/** @param options `isPunctual`: for a generator that must not pause and has little to do. */
export const startChild = (path: string, { isPunctual = false } = {}): Child => {
  const execArgv = isPunctual ? PUNCTUAL_ARGV : EXEC_ARGV
  const child: ChildProcess = fork(path, { execArgv, serialization: 'advanced' })
  const hear = async <T>(timeoutMs = ANSWER_MS): Promise<T> => {
    const waiting = new AbortController()
    const options = { signal: AbortSignal.any([waiting.signal, AbortSignal.timeout(timeoutMs)]) }
    try {
      const [message] = await Promise.race([
        once(child, 'message', options),
        once(child, 'exit', options).then(() => Promise.reject(new Error(`${path} ended`))),
      ])
      return message as T
    } catch (error) {
      throw child.exitCode === null
        ? new Error(`${path} did not answer within ${timeoutMs} ms`, { cause: error })
        : error
    } finally {
      waiting.abort()
    }
  }
  return {
    pid: child.pid ?? 0,
    hear,
    tell: (message) => void child.send(message),
    ask: async (message, timeoutMs) => {
      const answer = hear(timeoutMs)
      child.send(message as object)
      return (await answer) as never
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The other end: answers every message with what `answer` makes of it, and ends with its parent. */
export const serveParent = <Message>(answer: (message: Message) => unknown): void => {
  if (process.send === undefined) return
  process.on('disconnect', () => process.exit())
  process.on('message', async (message: Message) => {
    process.send?.((await answer(message)) ?? 'done')
  })
}
