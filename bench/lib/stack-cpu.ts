import type { Stack } from '../../deploy/local/stack.ts'
import { treeCpuMicros } from './process-figures.ts'

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
