import { spawnSync } from 'node:child_process'
import { cpus, setPriority } from 'node:os'

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
export const pinGenerator = (pid: number): boolean => isPromised(pid) || isFirst(pid)

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
