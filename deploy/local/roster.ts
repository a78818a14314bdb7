import type { ManagedProcess } from './processes/managed.ts'
import type { Records, Role } from './processes/records.ts'
import { type Supervised, supervise } from './processes/supervised.ts'
import type { ServerName, ServiceName } from './stack-options.ts'

export type StackProcess = Omit<Supervised, 'release'> & {
  readonly name: ServiceName | ServerName | 'sentinel' | 'otlp' | 'prometheus' | 'web'
  /** 1, 2, … */
  readonly copy: number
  /** Of services: where /livez and /readyz are. */
  readonly healthUrl: string | undefined
}

/** Clients first, so that no client is served by half of the system; what a group needs stops after it. */
const stopOrder: readonly (readonly StackProcess['name'][])[] = [
  ['edge', 'web'],
  ['session'],
  ['evaluator', 'scorer', 'leaderboard', 'worker'],
  ['sentinel'],
  ['nats', 'redis', 'postgres', 'otlp', 'prometheus'],
]

/** The processes of one stack: each supervised and on record, stopped in order. */
export const createRoster = (records: Records, onEvent: (text: string) => void) => {
  const entries: (StackProcess & Pick<Supervised, 'release'>)[] = []
  let closed = false
  return {
    processes: entries as readonly StackProcess[],
    /** Does not start it. Throws once the roster was stopped. */
    add(managed: ManagedProcess, role: Role, about: Pick<StackProcess, 'name' | 'copy' | 'healthUrl'>): StackProcess {
      if (closed) throw new Error('the stack was stopped')
      const stopSignal = about.name === 'postgres' ? 'SIGINT' : 'SIGTERM'
      managed.watch({
        started: (pid) => records.add({ name: managed.name, role, pid, stopSignal }),
        exited: () => records.remove(managed.name),
      })
      const entry = Object.assign(supervise(managed, onEvent), about)
      entries.push(entry)
      return entry
    },
    find(name: StackProcess['name'], copy: number): StackProcess {
      const found = entries.find((entry) => entry.name === name && entry.copy === copy)
      if (found === undefined) throw new Error(`this stack has no ${name}.${copy}`)
      return found
    },
    async stop(): Promise<void> {
      closed = true
      for (const entry of entries) entry.release()
      for (const names of stopOrder) {
        await Promise.all(entries.filter(({ name }) => names.includes(name)).map((entry) => entry.stop()))
      }
    },
  }
}

export type Roster = ReturnType<typeof createRoster>
