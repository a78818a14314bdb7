import type { SessionReplicas } from '../ports.ts'
import { createStreamSession } from './channel.ts'
import type { StreamSession, StreamSessionDeps } from './session-ports.ts'

/** How long a session without clients is kept: a player who reconnects, or asks again, finds its board in place. */
const LINGER_MS = 30_000

/** The live halves of the sessions that somebody on this edge watches. */
export interface StreamSessions {
  /** Makes it when it is not there. The session's replica must be. */
  open(sessionId: string): StreamSession
  /** Lets go of what nobody has used for a while. */
  sweep(): void
  /** Whatever core NATS should have told may have been lost. */
  resync(): void
  close(): void
}

export const createStreamSessions = (
  deps: StreamSessionDeps & { readonly replicas: SessionReplicas },
): StreamSessions => {
  const { replicas, news, clock } = deps
  const sessions = new Map<string, { readonly session: StreamSession; usedAt: number }>()

  replicas.onFeed((replica, message) => sessions.get(replica.sessionId)?.session.onFeed(replica, message))

  // Counts and names are worth having for as long as there is a replica, watched or not.
  replicas.onOpen((sessionId) =>
    news.lobby(sessionId, ({ playerCount, joined, left, erasedPlayerIds }) => {
      replicas.setPlayerCount(sessionId, playerCount)
      const session = sessions.get(sessionId)?.session
      if (session === undefined) return
      for (const { playerId, nickname } of joined) session.roster.learn(playerId, nickname)
      for (const playerId of erasedPlayerIds) session.roster.learn(playerId, '')
      session.onLobby({
        playerCount,
        joined: joined.map(({ nickname }) => nickname),
        left: left.map(({ nickname }) => nickname),
      })
    }),
  )

  return {
    open: (sessionId) => {
      const usedAt = clock.monotonic()
      const known = sessions.get(sessionId)
      if (known !== undefined) {
        known.usedAt = usedAt
        return known.session
      }
      const session = createStreamSession(sessionId, deps)
      sessions.set(sessionId, { session, usedAt })
      return session
    },
    sweep: () => {
      const now = clock.monotonic()
      for (const [sessionId, entry] of sessions) {
        entry.session.sweep()
        if (entry.session.audience.size() > 0) entry.usedAt = now
        if (now - entry.usedAt < LINGER_MS) continue
        sessions.delete(sessionId)
        entry.session.close()
      }
    },
    resync: () => {
      for (const { session } of sessions.values()) session.board.resync()
    },
    close: () => {
      for (const { session } of sessions.values()) session.close()
      sessions.clear()
    },
  }
}
