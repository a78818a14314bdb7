import { create, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { RosterRequestSchema } from '#gen/command_pb'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import { createWaiters } from './waiters.ts'

/** Names kept per session; the oldest go first and are asked for again when needed. */
const MAX_NAMES = 20_000

/** Names asked for in one request. */
const MAX_REQUEST = 500

/** Pause after a request that failed. */
const COOL_DOWN_MS = 1_000

export type Roster = ReturnType<typeof createRoster>

/** Nicknames of one session. The board has none: they are learnt from joins and connections, or asked for. */
export const createRoster = (options: {
  readonly sessionId: string
  readonly source: RosterSource
  readonly clock: Clock
  readonly logger: Logger
}) => {
  const { sessionId, source, clock, logger } = options
  const names = new Map<string, string>()
  const missing = new Set<string>()
  const requests = createWaiters()
  let isAsking = false
  let askAgainAt = 0

  const learn = (playerId: string, nickname: string): void => {
    names.set(playerId, nickname)
    if (names.size <= MAX_NAMES) return
    for (const oldest of names.keys()) {
      names.delete(oldest)
      return
    }
  }

  const ask = async (): Promise<void> => {
    isAsking = true
    while (missing.size > 0) {
      const ids = [...missing].slice(0, MAX_REQUEST)
      try {
        const found = await source.nicknames(sessionId, ids)
        // An unknown player has been erased: no name, and no further request.
        for (const id of ids) learn(id, found.get(id) ?? '')
        for (const id of ids) missing.delete(id)
      } catch (err) {
        logger.warn({ err, sessionId }, 'nicknames not available')
        missing.clear() // asked for again when needed
        askAgainAt = clock.monotonic() + COOL_DOWN_MS
      }
    }
    requests.finish(requests.newest())
    isAsking = false
  }

  return {
    learn,
    /** '' while unknown. */
    name: (playerId: string): string => names.get(playerId) ?? '',
    knows: (playerId: string): boolean => names.has(playerId),
    /**
     * Asks for the unknown ones among these, one request at a time. Resolves true when all are known, false after the
     * deadline or when the request failed.
     */
    ensure: async (playerIds: readonly string[], timeoutMs: number): Promise<boolean> => {
      const unknown = playerIds.filter((id) => !names.has(id))
      if (unknown.length === 0) return true
      if (clock.monotonic() < askAgainAt) return false
      for (const id of unknown) missing.add(id)
      const ticket = requests.want()
      if (!isAsking) void ask() // never rejects
      return (await requests.wait(ticket, timeoutMs)) && playerIds.every((id) => names.has(id))
    },
    close: requests.close,
  }
}

/** Nicknames on demand. */
export interface RosterSource {
  /** Nicknames by player id; unknown players are absent. @throws PodiumError `unavailable` */
  nicknames(sessionId: string, playerIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const REQUEST_TIMEOUT_MS = 2_000

/** Nicknames from `session`, which stores them. */
export const createRosterSource = (nats: NatsConnection, telemetry: Telemetry): RosterSource => ({
  nicknames: async (sessionId, playerIds) => {
    const request = create(RosterRequestSchema, { sessionId, playerIds: [...playerIds] })
    const payload = toBinary(RosterRequestSchema, request)
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, telemetry }
    const { players } = await sendCommand(nats, 'session-roster', payload, 'roster', options)
    return new Map(players.map(({ playerId, nickname }) => [playerId, nickname]))
  },
})
