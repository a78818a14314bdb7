import { readdirSync, readFileSync } from 'node:fs'

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
