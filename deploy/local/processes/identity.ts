import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Names one run of one process: the same pid given to another process later has another identity. Undefined when no such
 * process runs (a zombie counts as gone). Linux reads the start time in clock ticks since boot together with the id
 * of that boot, because pids and ticks repeat after a reboot and in containers; elsewhere `ps` tells the start time.
 */
export const processIdentity = (pid: number): string | undefined => {
  if (process.platform !== 'linux') return identityFromPs(pid)
  const stat = readOrUndefined(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  if (state === 'Z' || state === 'X') return undefined
  const boot = readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown-boot'
  return `${boot}:${startTicks}`
}

/** The command line of a process, or undefined when it does not run. */
export const processCommand = (pid: number): string | undefined =>
  process.platform === 'linux'
    ? readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim()
    : ps(pid, 'command=')

const identityFromPs = (pid: number): string | undefined => {
  const line = ps(pid, 'stat=,lstart=')
  if (line === undefined || line.startsWith('Z')) return undefined
  return line.replace(/^\S+\s+/, '')
}

const ps = (pid: number, columns: string): string | undefined => {
  try {
    const text = execFileSync('ps', ['-o', columns, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.trim() || undefined
  } catch {
    return undefined // ps exits 1 for "no such process"
  }
}

const readOrUndefined = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the process ended, or there is no such file on this kernel
  }
}
