import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIdentity } from './identity.ts'

/** In the order in which leftovers are stopped: a living supervisor stops its own processes properly. */
export const roles = ['supervisor', 'service', 'server'] as const
export type Role = (typeof roles)[number]

export type ProcessRecord = {
  readonly name: string
  readonly role: Role
  readonly pid: number
  /** What `processIdentity` said at the start, so that a pid that another process has by now is left alone. */
  readonly identity: string
  readonly stopSignal: NodeJS.Signals
}

/** One small file per running process, for cleaning up after a supervisor that was killed. */
export const createRecords = (folder: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (name: string) => join(folder, `${name}.json`)
  return {
    /** A process that is gone already leaves no record. */
    add(entry: Omit<ProcessRecord, 'identity'>): void {
      const identity = processIdentity(entry.pid)
      if (identity === undefined) return
      writeFileSync(`${fileOf(entry.name)}.new`, JSON.stringify({ ...entry, identity } satisfies ProcessRecord), {
        mode: 0o600,
      })
      renameSync(`${fileOf(entry.name)}.new`, fileOf(entry.name))
    },
    /** Takes a name for this process, unless the one that has it still runs; then that one is returned. */
    claim(name: string, role: Role): ProcessRecord | undefined {
      const identity = processIdentity(process.pid) ?? 'unknown'
      const own: ProcessRecord = { name, role, pid: process.pid, identity, stopSignal: 'SIGTERM' }
      const unfinished = `${fileOf(name)}.${process.pid}`
      writeFileSync(unfinished, JSON.stringify(own), { mode: 0o600 })
      try {
        for (;;) {
          if (linkUnlessThere(unfinished, fileOf(name))) return undefined
          const holder = readRecord(fileOf(name))
          if (holder !== undefined && isRunning(holder)) return holder
          rmSync(fileOf(name), { force: true })
        }
      } finally {
        rmSync(unfinished)
      }
    },
    remove(name: string): void {
      rmSync(fileOf(name), { force: true })
    },
    /** The recorded processes that still run, and really are the recorded ones. Forgets the others. */
    running(): readonly ProcessRecord[] {
      const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
      return files.flatMap((file) => {
        const record = readRecord(join(folder, file))
        if (record !== undefined && isRunning(record)) return [record]
        rmSync(join(folder, file), { force: true })
        return []
      })
    },
  }
}

export type Records = ReturnType<typeof createRecords>

export type StopOptions = {
  /** Until SIGKILL; default 40 s for a supervisor, which has to stop its own processes, and 12 s for others. */
  readonly deadlineMs?: number
  readonly onStop?: (record: ProcessRecord) => void
}

/**
 * Stops what the records say still runs, supervisor first, servers last, and kills what does not go in time. Spares the
 * calling process. Resolves with their number when all of them are gone.
 */
export const stopRecorded = async (records: Records, options: StopOptions = {}): Promise<number> => {
  let stopped = 0
  for (const role of roles) {
    // Read again for each role: a supervisor that was stopped took the others with it.
    const ofRole = records.running().filter((record) => record.role === role && record.pid !== process.pid)
    stopped += ofRole.length
    await Promise.all(ofRole.map((record) => stopOne(record, options)))
    for (const record of ofRole) records.remove(record.name)
  }
  return stopped
}

const stopOne = async (record: ProcessRecord, options: StopOptions): Promise<void> => {
  options.onStop?.(record)
  signal(record, record.stopSignal)
  signal(record, 'SIGCONT')
  const deadline = Date.now() + (options.deadlineMs ?? (record.role === 'supervisor' ? 40_000 : 12_000))
  while (isRunning(record)) {
    if (Date.now() > deadline) signal(record, 'SIGKILL')
    await sleep(25)
  }
}

const signal = (record: ProcessRecord, name: NodeJS.Signals): void => {
  if (!isRunning(record)) return
  try {
    process.kill(record.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // gone meanwhile is what we want; anything else is not
  }
}

/** Creates the whole file or nothing: a second process must not see half of it and take it for broken. */
const linkUnlessThere = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const isRunning = (record: ProcessRecord): boolean => processIdentity(record.pid) === record.identity

const readRecord = (path: string): ProcessRecord | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isRecord(value)) return value
  } catch {
    // Removed between listing and reading, or cut off by a full disk: says nothing about any process.
  }
  return undefined
}

const isRecord = (value: unknown): value is ProcessRecord => {
  if (typeof value !== 'object' || value === null) return false
  const { name, role, pid, identity, stopSignal } = value as Partial<Record<keyof ProcessRecord, unknown>>
  return (
    typeof name === 'string' &&
    roles.some((known) => known === role) &&
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    typeof identity === 'string' &&
    typeof stopSignal === 'string' &&
    stopSignal.startsWith('SIG')
  )
}
