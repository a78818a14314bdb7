import { spawnSync } from 'node:child_process'
import { cpus, setPriority } from 'node:os'

/** Above the processes measured: a generator stands for other machines, which ours cannot make wait. */
const GENERATOR_PRIORITY = -10

/** Moves a process and its threads to the last core and raises its priority; false where the system does not allow one of them. */
export const pinGenerator = (pid: number): boolean => {
  const last = cpus().length - 1
  const moved = last === 0 || spawnSync('taskset', ['-a', '-p', '-c', String(last), String(pid)]).status === 0
  try {
    setPriority(pid, GENERATOR_PRIORITY)
  } catch {
    return false
  }
  return moved
}
