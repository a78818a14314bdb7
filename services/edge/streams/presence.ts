import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { PlayerPrincipal } from '../ports.ts'
import type { PresenceChannel, TakeoverNote } from './ports.ts'
import { NOBODY, type Presence, presenceOf, union } from './presence-counts.ts'

/** An edge with players of a session says so at least this often. */
const REPORT_MS = 3_000

/** Who has not been heard of for so long is gone, and its players with it. */
const FORGET_MS = 8_000

/** Time for the others to answer a new edge. */
const ASK_MS = 200

/** Which players of one session are connected, to this edge or to another. Each edge tells the others of its own. */
export interface SessionPresence {
  enter(player: PlayerPrincipal): void
  leave(player: PlayerPrincipal): void
  /** Everybody who is connected somewhere. */
  connected(): Presence
  /** Resolves when the other edges had time to tell. Never rejects. */
  settled(): Promise<void>
  /** Called once a second: tells what changed, forgets who was not heard of. */
  sweep(): void
  close(): void
}

export interface SessionPresenceOptions {
  readonly sessionId: string
  /** Names this process among the edges. */
  readonly edgeId: string
  readonly channel: PresenceChannel
  readonly clock: Clock
  /** What this edge knows of takeovers, for edges that were not there when they happened. */
  readonly takeovers: () => readonly TakeoverNote[]
  readonly onTakeover: (takeover: TakeoverNote) => void
}

export const createSessionPresence = (options: SessionPresenceOptions): SessionPresence => {
  const { sessionId, edgeId, channel, clock, takeovers, onTakeover } = options
  /** Streams by join order. */
  const here = new Map<number, number>()
  const elsewhere = new Map<string, { readonly connected: Presence; readonly heardAt: number }>()
  let own = NOBODY
  let merged: Presence | undefined = NOBODY
  let isUntold = false
  let toldAt = 0

  const change = (): void => {
    own = presenceOf(here.keys())
    merged = undefined
    isUntold = true
  }

  const tell = (more: { asks?: boolean; takeovers?: readonly TakeoverNote[] } = {}): void => {
    isUntold = false
    toldAt = clock.monotonic()
    channel.publish({ sessionId, edgeId, connected: own, asks: false, takeovers: [], ...more })
  }

  const unsubscribe = channel.subscribe(sessionId, (report) => {
    if (report.edgeId === edgeId) return
    if (report.connected.length === 0) elsewhere.delete(report.edgeId)
    else elsewhere.set(report.edgeId, { connected: report.connected, heardAt: clock.monotonic() })
    merged = undefined
    for (const takeover of report.takeovers) onTakeover(takeover)
    if (report.asks) tell({ takeovers: takeovers() })
  })
  tell({ asks: true })
  const asked = sleep(ASK_MS, undefined, { ref: false })

  return {
    enter: ({ joinOrder }) => {
      const count = here.get(joinOrder) ?? 0
      here.set(joinOrder, count + 1)
      if (count === 0) change()
    },
    leave: ({ joinOrder }) => {
      const count = here.get(joinOrder) ?? 0
      if (count > 1) here.set(joinOrder, count - 1)
      else if (here.delete(joinOrder)) change()
    },
    connected: () => {
      merged ??= union([own, ...[...elsewhere.values()].map(({ connected }) => connected)])
      return merged
    },
    settled: () => asked,
    sweep: () => {
      const now = clock.monotonic()
      for (const [id, { heardAt }] of elsewhere) {
        if (now - heardAt < FORGET_MS) continue
        elsewhere.delete(id)
        merged = undefined
      }
      if (isUntold || (here.size > 0 && now - toldAt >= REPORT_MS)) tell()
    },
    close: () => {
      unsubscribe()
      own = NOBODY
      if (here.size > 0) tell()
    },
  }
}
