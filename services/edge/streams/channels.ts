import { type Channel, type ChannelDeps, createChannel } from './channel.ts'

/** How long a channel without clients is kept: a player who reconnects, or asks again, finds its board in place. */
const LINGER_MS = 30_000

export type Channels = ReturnType<typeof createChannels>

/** The channels of the sessions that this edge has clients in. */
export const createChannels = (deps: ChannelDeps) => {
  const { replicas, news, clock } = deps
  const channels = new Map<string, { readonly channel: Channel; usedAt: number }>()

  replicas.onFeed((replica, message) => channels.get(replica.sessionId)?.channel.onFeed(replica, message))

  // Counts and names are worth having for as long as there is a replica, with clients or not.
  replicas.onOpen((sessionId) =>
    news.lobby(sessionId, ({ joined, left, erasedPlayerIds, ...count }) => {
      replicas.notePlayerCount(sessionId, count)
      const channel = channels.get(sessionId)?.channel
      if (channel === undefined) return
      for (const { playerId, nickname } of joined) channel.roster.learn(playerId, nickname)
      for (const playerId of erasedPlayerIds) channel.roster.learn(playerId, '')
      channel.onLobby({
        playerCount: replicas.peek(sessionId)?.playerCount ?? count.playerCount,
        joined: joined.map(({ nickname }) => nickname),
        left: left.map(({ nickname }) => nickname),
      })
    }),
  )

  return {
    /** Makes it when it is not there. The session's replica must be. */
    open: (sessionId: string): Channel => {
      const usedAt = clock.monotonic()
      const known = channels.get(sessionId)
      if (known !== undefined) {
        known.usedAt = usedAt
        return known.channel
      }
      const channel = createChannel(sessionId, deps)
      channels.set(sessionId, { channel, usedAt })
      return channel
    },
    /** Closes what has not been used for a while. */
    sweep: (): void => {
      const now = clock.monotonic()
      for (const [sessionId, held] of channels) {
        held.channel.sweep()
        if (held.channel.audience.size() > 0) held.usedAt = now
        if (now - held.usedAt < LINGER_MS) continue
        channels.delete(sessionId)
        held.channel.close()
      }
    },
    /** Messages of core NATS may have been lost. */
    resync: (): void => {
      for (const { channel } of channels.values()) channel.board.replica.resync()
    },
    close: (): void => {
      for (const { channel } of channels.values()) channel.close()
      channels.clear()
    },
  }
}
