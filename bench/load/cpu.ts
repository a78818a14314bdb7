import { readdirSync, readFileSync } from 'node:fs'
import type { Stack } from '../../deploy/local/stack.ts'
import { cpuMicros } from '../lib/process-figures.ts'

/** CPU time so far by the name of the process, all copies and children of it together, in microseconds. */
export type CpuTimes = Readonly<Record<string, number>>

export const readCpu = (stack: Stack, generatorPid: number): CpuTimes => {
  const children = childrenByParent()
  const sum = (pid: number): number =>
    safeMicros(pid) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0)
  const times: Record<string, number> = {}
  for (const { name, pid } of stack.processes) if (pid !== undefined) times[name] = (times[name] ?? 0) + sum(pid)
  times.generator = safeMicros(generatorPid)
  return times
}

export const cpuBetween = (before: CpuTimes, after: CpuTimes): CpuTimes =>
  Object.fromEntries(Object.entries(after).map(([name, micros]) => [name, micros - (before[name] ?? 0)]))

const safeMicros = (pid: number): number => {
  try {
    return cpuMicros(pid)
  } catch {
    return 0 // a backend that has gone since the listing
  }
}

const childrenByParent = (): ReadonlyMap<number, readonly number[]> => {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const text = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // gone since the listing
    }
  }
  return children
}
