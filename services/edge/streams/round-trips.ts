import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock'
import { DELAY_LIMIT } from '#platform/contract/codec/ledger-row'

/**
 * What a ping is for: `question` follows a question on its way, and its pong says when the client had the question; `idle` is
 * sent while nothing depends on it.
 */
export type ProbeKind = 'question' | 'idle'

/** As many as a process can have connections. */
const MAX_PLAYERS = 20_000

/** Weight of a new round trip in the smoothed one. */
const WEIGHT = 1 / 4

/** Pongs to questions that are later than others by this much, or by as much again as a round trip takes, are not believed. */
const EXCESS_MS = 100

/** Questions after which that is judged: a phone that changes its network is no cheat. */
const MIN_QUESTIONS = 3

interface Probe {
  readonly name: string
  /** Monotonic milliseconds. */
  readonly sentAt: number
  pongAt: number | undefined
}

/** One player's network, as this edge measures it; kept through reconnects. */
export interface RoundTrips {
  /** Returns the payload of the ping that is sent now. */
  probe(kind: ProbeKind): string
  /** A pong came: true when it was awaited, which only the last of each kind is, once. */
  pong(payload: string): boolean
  /**
   * How much of the answering time of an answer that arrives now the network took, in whole milliseconds: its way here, and
   * the question's way there as far as that took longer than the lead. 0 when nothing was measured.
   * @param opensAt of the open question, in monotonic milliseconds
   */
  delayMs(opensAt: number): number
  /** Pongs to questions take longer than others, again and again: they are not believed. */
  isSuspect(): boolean
}

/**
 * Round trips of the players who have a WebSocket here, by the edge's own clock: no client's clock is read. SSE has no pongs,
 * so nothing is measured of it.
 */
export const createNetworkDelays = (options: {
  readonly clock: Clock
  /** Called once for a player whose pongs are not believed any more. */
  readonly onSuspect?: (playerId: string) => void
}) => {
  const { clock, onSuspect } = options
  const players = new LRUCache<string, RoundTrips>({ max: MAX_PLAYERS })
  return {
    of: (playerId: string): RoundTrips => {
      const known = players.get(playerId)
      if (known !== undefined) return known
      const trips = createRoundTrips(clock, () => onSuspect?.(playerId))
      players.set(playerId, trips)
      return trips
    },
    /** As `RoundTrips.delayMs`. */
    delayMs: (playerId: string, opensAt: number): number => players.get(playerId)?.delayMs(opensAt) ?? 0,
  }
}

export type NetworkDelays = ReturnType<typeof createNetworkDelays>

let lastName = 0

const createRoundTrips = (clock: Clock, onSuspect: () => void): RoundTrips => {
  const probes: Record<ProbeKind, Probe | undefined> = { question: undefined, idle: undefined }
  /** Smoothed round trip of idle pings; undefined before the first. */
  let smoothed: number | undefined
  /** Smoothed difference of the round trips to questions. */
  let excess = 0
  let questions = 0
  let isSuspect = false

  const judge = (roundTrip: number): void => {
    if (smoothed === undefined) return
    questions += 1
    excess += (roundTrip - smoothed - excess) * WEIGHT
    const was = isSuspect
    isSuspect = questions >= MIN_QUESTIONS && excess > Math.max(EXCESS_MS, smoothed)
    if (isSuspect && !was) onSuspect()
  }

  return {
    probe: (kind) => {
      lastName += 1
      const name = String(lastName)
      probes[kind] = { name, sentAt: clock.monotonic(), pongAt: undefined }
      return name
    },
    pong: (payload) => {
      const { question, idle } = probes
      const now = clock.monotonic()
      if (idle?.name === payload && idle.pongAt === undefined) {
        idle.pongAt = now
        smoothed = smoothed === undefined ? now - idle.sentAt : smoothed + (now - idle.sentAt - smoothed) * WEIGHT
      } else if (question?.name === payload && question.pongAt === undefined) {
        question.pongAt = now
        judge(now - question.sentAt)
      } else {
        return false
      }
      return true
    },
    delayMs: (opensAt) => {
      const { question } = probes
      const believed = isSuspect ? undefined : question?.pongAt
      const roundTrip = smoothed ?? (question === undefined || believed === undefined ? 0 : believed - question.sentAt)
      const way = roundTrip / 2
      if (question === undefined) return whole(way)
      // Half a round trip before its pong came, or as it is expected. A client that connected late is not late by its network.
      const receivedAt = believed === undefined ? question.sentAt + way : believed - way
      return whole(way + Math.max(0, receivedAt - Math.max(opensAt, question.sentAt)))
    },
    isSuspect: () => isSuspect,
  }
}

const whole = (ms: number): number => Math.min(Math.max(0, Math.round(ms)), DELAY_LIMIT - 1)
