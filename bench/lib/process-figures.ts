import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc, the same on every Linux that Node runs on. */
const TICKS = 100

const fieldsOf = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const ticksToMicros = (...ticks: (string | undefined)[]): number =>
  (ticks.reduce((sum, text) => sum + Number(text), 0) / TICKS) * 1e6

/** CPU time of a process so far, user and system, in microseconds; 10 ms exact. Linux. */
export const cpuMicros = (pid: number): number => {
  const fields = fieldsOf(pid)
  return ticksToMicros(fields[11], fields[12])
}

/** The same with its children, also those that have ended; Postgres has a process per connection. */
export const treeCpuMicros = (pid: number): number => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(Number(name), Number(fieldsOf(Number(name))[1]))
    } catch {
      // It has ended since the folder was read.
    }
  }
  const sumOf = (parent: number): number => {
    const own = fieldsOf(parent)
    const children = [...parents].filter(([, of]) => of === parent).map(([child]) => child)
    return ticksToMicros(own[11], own[12], own[13], own[14]) + children.reduce((sum, child) => sum + sumOf(child), 0)
  }
  return sumOf(pid)
}

/** Resident memory of a process in bytes. Linux. */
export const residentBytes = (pid: number): number => {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(match?.[1] ?? Number.NaN) * 1024
}

/** Files and connections that a process has open. Linux. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
