import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, setPriority } from 'node:os'
import type { Stack } from '../../deploy/local/stack.ts'

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

export interface ChildOptions {
  /** For a generator that must not pause and has little to do. */
  readonly isPunctual?: boolean
}

export const startChild = (path: string, { isPunctual = false }: ChildOptions = {}): Child => {
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

/** Where real-time scheduling is not allowed. */
const GENERATOR_PRIORITY = -10

/** Of every millisecond, nanoseconds. The kernel refuses to promise more than 95 % of a core. */
const PERIOD_NS = 1_000_000
const RUNTIME_NS = 900_000

const succeeds = (file: string, ...args: string[]): boolean => spawnSync(file, args).status === 0

/**
 * Lets the main thread of a process run as soon as it wants to: a generator stands for other machines, which ours cannot make
 * wait. An ordinary thread, of whatever priority, waits milliseconds for one that has just begun its turn, so this one gets a
 * share of a core promised (`chrt --deadline`). Where that is refused it gets the last core (`taskset`) and real-time priority,
 * which Linux suspends for up to 50 ms a second on a busy core, or at least a higher priority. The other threads, which compile
 * and collect garbage, stay as they are: with the same rights they would make the main one wait themselves. False where the
 * system allows none of it.
 */
export const prioritize = (pid: number): boolean => isPromised(pid) || isFirst(pid)

const isPromised = (pid: number): boolean =>
  succeeds(
    'chrt',
    ...['--reset-on-fork', '--deadline', '--sched-runtime', String(RUNTIME_NS), '--sched-deadline', String(PERIOD_NS)],
    ...['--sched-period', String(PERIOD_NS), '--pid', '0', String(pid)],
  )

const isFirst = (pid: number): boolean => {
  const last = cpus().length - 1
  const isPinned = last === 0 || succeeds('taskset', '-p', '-c', String(last), String(pid))
  if (succeeds('chrt', '--rr', '--pid', '1', String(pid))) return isPinned
  try {
    setPriority(pid, GENERATOR_PRIORITY)
    return isPinned
  } catch {
    return false
  }
}

/** Clock ticks per second of /proc, the same on every Linux that Node runs on. */
const TICKS = 100

const fieldsOf = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const ticksToMicros = (...ticks: (string | undefined)[]): number =>
  (ticks.reduce((sum, text) => sum + Number(text), 0) / TICKS) * 1e6

/** CPU time of a process so far, user and system, in microseconds; exact where the kernel counts nanoseconds, else 10 ms. Linux. */
export const cpuMicros = (pid: number): number => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce((sum, thread) => sum + Number(schedstat(pid, thread).split(' ')[0]) / 1_000, 0)
  } catch {
    const fields = fieldsOf(pid)
    return ticksToMicros(fields[11], fields[12])
  }
}

const schedstat = (pid: number, thread: string): string =>
  readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1')

/** Parent of every process that there is. Linux. */
const parentsOf = (): ReadonlyMap<number, number> => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(Number(name), Number(fieldsOf(Number(name))[1]))
    } catch {
      // It has ended since the folder was read.
    }
  }
  return parents
}

/** CPU time of processes with their children, also those that have ended, as Postgres has one per connection; microseconds. */
export const treeCpuMicros = (...pids: readonly number[]): readonly number[] => {
  const parents = parentsOf()
  const sumOf = (pid: number): number => {
    const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child)
    return ownAndEnded(pid) + children.reduce((sum, child) => sum + sumOf(child), 0)
  }
  return pids.map(sumOf)
}

const ownAndEnded = (pid: number): number => {
  try {
    const fields = fieldsOf(pid)
    return ticksToMicros(fields[11], fields[12], fields[13], fields[14])
  } catch {
    return 0
  }
}

/** Resident memory of a process in bytes. Linux. */
export const residentBytes = (pid: number): number => {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(match?.[1] ?? Number.NaN) * 1024
}

/** Files and connections that a process has open. Linux. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** CPU time by process, microseconds. */
export type CpuTimes = Readonly<Record<string, number>>

/** CPU time so far of everything in a stack, all copies of a process and their children together. */
export const stackCpu = ({ processes }: Stack): CpuTimes => {
  const running = processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
  const micros = treeCpuMicros(...running.map(({ pid }) => pid))
  const times: Record<string, number> = {}
  for (const [index, { name }] of running.entries()) times[name] = (times[name] ?? 0) + (micros[index] ?? 0)
  return times
}

export const cpuBetween = (before: CpuTimes, after: CpuTimes): CpuTimes =>
  Object.fromEntries(Object.entries(after).map(([name, micros]) => [name, micros - (before[name] ?? 0)]))

/** Runs `work` for every item, `width` at a time; rejects with the first failure. */
export const forEachOf = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> => {
  let next = 0
  const run = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index]
      if (item !== undefined) await work(item, index)
    }
  }
  await Promise.all(Array.from({ length: width }, run))
}
