import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { findProgram } from '../programs.ts'
import { createLineSplitter } from './lines.ts'

export type Command = {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment, not an addition to ours. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** "exit code 1" or "SIGKILL". */
export const describeExit = (exit: Exit): string => exit.signal ?? `exit code ${exit.code}`

export type Child = {
  readonly pid: number
  /** Settles when the process is gone and its last line was delivered; never rejects. */
  readonly exited: Promise<Exit>
  readonly running: () => boolean
  /** Sends a signal; nothing happens when the process is gone already. */
  readonly kill: (signal: NodeJS.Signals) => void
  /** Asks politely, and kills after the deadline. */
  readonly stop: (signal: NodeJS.Signals, deadlineMs: number) => Promise<Exit>
}

/**
 * Starts a process in a group of its own: Ctrl-C in a terminal reaches only us, and we stop things in order. Where the
 * system can do it (Linux) the process gets `stopSignal` when we die, so that nothing outlives a killed supervisor.
 * Rejects when the program cannot be started.
 */
export const startChild = async (
  command: Command,
  options: { readonly onLine: (line: string) => void; readonly stopSignal: NodeJS.Signals },
): Promise<Child> => {
  const [file, ...args] = [...tieToParent(options.stopSignal), command.file, ...command.args] as [string, ...string[]]
  const child = spawn(file, args, {
    env: command.env,
    cwd: command.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = watchExit(child, options.onLine)
  await once(child, 'spawn')
  if (child.pid === undefined) throw new Error(`${command.file} has no process id`)
  return handleOf(child, child.pid, exited)
}

const handleOf = (child: ChildProcess, pid: number, exited: Promise<Exit>): Child => {
  const running = () => child.exitCode === null && child.signalCode === null
  const kill = (signal: NodeJS.Signals) => {
    if (running()) child.kill(signal)
  }
  return {
    pid,
    exited,
    running,
    kill,
    async stop(signal, deadlineMs) {
      kill(signal)
      kill('SIGCONT') // a frozen process would not see the signal
      const timer = setTimeout(() => kill('SIGKILL'), deadlineMs)
      try {
        return await exited
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const watchExit = (child: ChildProcess, onLine: (line: string) => void): Promise<Exit> => {
  for (const stream of [child.stdout, child.stderr]) {
    const splitter = createLineSplitter(onLine)
    stream?.on('data', (chunk: Buffer) => splitter.push(chunk))
    stream?.on('end', () => splitter.end())
    stream?.on('error', (error) => onLine(`(output lost: ${error.message})`))
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      // "close" comes after the last line. Do not count on it: a grandchild that inherited the pipes (a Postgres backend
      // after kill -9) can hold it back.
      const done = () => resolve({ code, signal })
      const timer = setTimeout(done, 250)
      child.once('close', () => {
        clearTimeout(timer)
        done()
      })
    })
    child.once('error', () => resolve({ code: 127, signal: null })) // the caller gets it from `once(child, 'spawn')`
  })
}

/** `setpriv` execs the program after asking the kernel for a signal at our death, so pid and start time stay the program's. */
const tieToParent = (signal: NodeJS.Signals): readonly string[] => {
  if (process.platform !== 'linux') return []
  const setpriv = findProgram('setpriv')
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', signal.replace('SIG', ''), '--']
}
