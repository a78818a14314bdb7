import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { RosterSource } from '../streams/ports.ts'
import { createTurnstile } from './waiters.ts'

/** Names kept per session; the oldest go first and are asked for again when needed. */
const MAX_NAMES = 20_000

/** Names asked for in one request. */
const MAX_REQUEST = 500

/** After a request that failed nobody is asked for so long. */
const COOL_DOWN_MS = 1_000

/** Nicknames of one session. The board has none: they are learnt from who joins and connects, or asked for. */
export interface Roster {
  learn(playerId: string, nickname: string): void
  /** '' while unknown. */
  name(playerId: string): string
  knows(playerId: string): boolean
  /**
   * Asks for the unknown ones among these, one request at a time; resolves true when all are known, false after the
   * deadline or when the answer did not come.
   */
  ensure(playerIds: readonly string[], timeoutMs: number): Promise<boolean>
  close(): void
}

export interface RosterOptions {
  readonly sessionId: string
  readonly source: RosterSource
  readonly clock: Clock
  readonly logger: Logger
}

export const createRoster = ({ sessionId, source, clock, logger }: RosterOptions): Roster => {
  const names = new Map<string, string>()
  const missing = new Set<string>()
  const requests = createTurnstile()
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
        // Somebody whom nobody knows has been erased: no name, and no more questions.
        for (const id of ids) learn(id, found.get(id) ?? '')
        for (const id of ids) missing.delete(id)
      } catch (err) {
        logger.warn({ err, sessionId }, 'nicknames not available')
        missing.clear() // whoever needs them asks again
        askAgainAt = clock.monotonic() + COOL_DOWN_MS
      }
    }
    requests.pass(requests.newest())
    isAsking = false
  }

  return {
    learn,
    name: (playerId) => names.get(playerId) ?? '',
    knows: (playerId) => names.has(playerId),
    ensure: async (playerIds, timeoutMs) => {
      const unknown = playerIds.filter((id) => !names.has(id))
      if (unknown.length === 0) return true
      if (clock.monotonic() < askAgainAt) return false
      for (const id of unknown) missing.add(id)
      const ticket = requests.want()
      if (!isAsking) void ask() // never rejects
      return (await requests.passed(ticket, timeoutMs)) && playerIds.every((id) => names.has(id))
    },
    close: requests.close,
  }
}
