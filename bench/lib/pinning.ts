import { spawnSync } from 'node:child_process'
import { cpus, setPriority } from 'node:os'

/** Where real-time scheduling is not allowed. */
const GENERATOR_PRIORITY = -10

const succeeds = (file: string, ...args: string[]): boolean => spawnSync(file, args).status === 0

/**
 * Moves the main thread of a process to the last core and lets it run there as soon as it wants to: a generator stands for
 * other machines, which ours cannot make wait. An ordinary thread, of whatever priority, waits milliseconds for one that has
 * just begun its turn, so it becomes a real-time one (`chrt`) where that is allowed. The other threads, which compile and
 * collect garbage, stay as they are: beside the main one they would make it wait themselves. False where the system does
 * not allow both.
 */
export const pinGenerator = (pid: number): boolean => {
  const last = cpus().length - 1
  const isPinned = last === 0 || succeeds('taskset', '-p', '-c', String(last), String(pid))
  return isFirst(pid) && isPinned
}

const isFirst = (pid: number): boolean => {
  if (succeeds('chrt', '--rr', '--pid', '1', String(pid))) return true
  try {
    setPriority(pid, GENERATOR_PRIORITY)
    return true
  } catch {
    return false
  }
}
