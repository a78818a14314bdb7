import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { PlayerPrincipal } from '#platform/tokens/token-verifier'
import type { Audience, TakeoverNote } from './audience.ts'
import { createFrame } from './frame.ts'

/** Which players are connected, by join order: bit n % 8 of byte n / 8. A thousand players take 125 bytes. */
export type Presence = Uint8Array

/** Join orders beyond this are not marked; sessions have fewer players. */
const MAX_JOIN_ORDER = 2 ** 20

const NONE: Presence = new Uint8Array()

export const presenceOf = (joinOrders: Iterable<number>): Presence => {
  const orders = [...joinOrders].filter((order) => order >= 0 && order <= MAX_JOIN_ORDER)
  const bits = new Uint8Array(orders.length === 0 ? 0 : (orders.reduce((a, b) => Math.max(a, b)) >> 3) + 1)
  for (const order of orders) bits[order >> 3] = (bits[order >> 3] ?? 0) | (1 << (order & 7))
  return bits
}

export const isPresent = (bits: Presence, joinOrder: number): boolean =>
  (((bits[joinOrder >> 3] ?? 0) >> (joinOrder & 7)) & 1) === 1

/** The players of any of them. */
export const union = (all: readonly Presence[]): Presence => {
  const bits = new Uint8Array(all.reduce((longest, { length }) => Math.max(longest, length), 0))
  for (const each of all) for (const [index, byte] of each.entries()) bits[index] = (bits[index] ?? 0) | byte
  return bits
}

/** What one edge reports to the others about one session. */
export interface PresenceReport {
  readonly sessionId: string
  readonly edgeId: string
  readonly connected: Presence
  /** The others report at once. */
  readonly asks: boolean
  readonly takeovers: readonly TakeoverNote[]
}

/** Between the edges. Reports may be lost; the own ones come back, too. */
export interface PresenceChannel {
  /** Never throws. */
  publish(report: PresenceReport): void
  /** Must not throw. Returns its end. */
  subscribe(sessionId: string, listener: (report: PresenceReport) => void): () => void
}

/** An edge with players of a session reports at least this often. */
const REPORT_MS = 3_000

/** An edge without a report for so long is gone, and its players with it. */
const FORGET_MS = 8_000

/** Time for the others to answer a new edge. */
const ASK_MS = 200

/** Which players of one session are connected, to this edge or to another. Each edge reports its own to the others. */
export const createSessionPresence = (options: {
  readonly sessionId: string
  /** Names this process among the edges. */
  readonly edgeId: string
  readonly channel: PresenceChannel
  readonly clock: Clock
  /** What this edge knows of takeovers, for edges that were not there when they happened. */
  readonly takeovers: () => readonly TakeoverNote[]
  readonly onTakeover: (takeover: TakeoverNote) => void
}) => {
  const { sessionId, edgeId, channel, clock, takeovers, onTakeover } = options
  /** Streams by join order. */
  const here = new Map<number, number>()
  const elsewhere = new Map<string, { readonly connected: Presence; readonly heardAt: number }>()
  let own = NONE
  let merged: Presence | undefined = NONE
  let isUnreported = false
  let reportedAt = 0

  const change = (): void => {
    own = presenceOf(here.keys())
    merged = undefined
    isUnreported = true
  }

  const report = (more: { asks?: boolean; takeovers?: readonly TakeoverNote[] } = {}): void => {
    isUnreported = false
    reportedAt = clock.monotonic()
    channel.publish({ sessionId, edgeId, connected: own, asks: false, takeovers: [], ...more })
  }

  const unsubscribe = channel.subscribe(sessionId, (heard) => {
    if (heard.edgeId === edgeId) return
    if (heard.connected.length === 0) elsewhere.delete(heard.edgeId)
    else elsewhere.set(heard.edgeId, { connected: heard.connected, heardAt: clock.monotonic() })
    merged = undefined
    for (const takeover of heard.takeovers) onTakeover(takeover)
    if (heard.asks) report({ takeovers: takeovers() })
  })
  report({ asks: true })
  const asked = sleep(ASK_MS, undefined, { ref: false })

  return {
    enter: ({ joinOrder }: PlayerPrincipal): void => {
      const count = here.get(joinOrder) ?? 0
      here.set(joinOrder, count + 1)
      if (count === 0) change()
    },
    leave: ({ joinOrder }: PlayerPrincipal): void => {
      const count = here.get(joinOrder) ?? 0
      if (count > 1) here.set(joinOrder, count - 1)
      else if (here.delete(joinOrder)) change()
    },
    /** The players that are connected to any edge. */
    connected: (): Presence => {
      merged ??= union([own, ...[...elsewhere.values()].map(({ connected }) => connected)])
      return merged
    },
    /** Resolves when the other edges had time to report. Never rejects. */
    settled: (): Promise<void> => asked,
    /** Called once a second: reports changes, forgets edges that do not report. */
    sweep: (): void => {
      const now = clock.monotonic()
      for (const [id, { heardAt }] of elsewhere) {
        if (now - heardAt < FORGET_MS) continue
        elsewhere.delete(id)
        merged = undefined
      }
      if (isUnreported || (here.size > 0 && now - reportedAt >= REPORT_MS)) report()
    },
    close: (): void => {
      unsubscribe()
      own = NONE
      if (here.size > 0) report()
    },
  }
}

/** Ids in one document; the count is exact in any case. */
const MAX_DISCONNECTED = 100

interface Joined {
  readonly playerId: string
  readonly joinOrder: number
}

/** The players of a session who are connected. */
export interface PresenceView {
  readonly connectedCount: number
  /** Players without a stream in the order of joining, the first hundred. */
  readonly disconnected: readonly string[]
}

export const presenceJson = (players: Iterable<Joined>, connected: Presence): PresenceView => {
  const absent: Joined[] = []
  let connectedCount = 0
  for (const player of players) {
    if (isPresent(connected, player.joinOrder)) connectedCount += 1
    else absent.push(player)
  }
  absent.sort((a, b) => a.joinOrder - b.joinOrder)
  return { connectedCount, disconnected: absent.slice(0, MAX_DISCONNECTED).map(({ playerId }) => playerId) }
}

/** Sends the hosts of one session who is connected: at most once a second, and only changes. */
export const createPresenceUpdates = (options: {
  readonly audience: Pick<Audience, 'hosts'>
  readonly presence: { settled(): Promise<void> }
  readonly now: () => PresenceView
}) => {
  const { audience, presence, now } = options
  let sent: string | undefined
  let isReady = false
  let isClosed = false

  const sweep = (): void => {
    const hosts = [...audience.hosts()]
    if (!isReady || isClosed || hosts.length === 0) return
    const view = now()
    const text = JSON.stringify(view)
    if (text === sent) return
    sent = text
    const frame = createFrame('presence.updated', view)
    for (const host of hosts) host.sendLatest(frame)
  }

  void presence.settled().then(() => {
    isReady = true
    sweep()
  })

  return {
    /** A host has just connected. */
    resend: (): void => {
      sent = undefined
    },
    /** Called once a second. */
    sweep,
    close: (): void => {
      isClosed = true
    },
  }
}
