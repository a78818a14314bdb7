import { create, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { subjects } from '#platform/contract/subjects'
import type { Logger } from '#platform/logger'
import type { Player } from '../../game/session/admission.ts'
import type { Background } from '../background.ts'
import type { PlayerCount } from '../sessions/session.ts'

/** At most four updates a second and session. */
const INTERVAL_MS = 250
/** Names in one update; players without a name here are in the count all the same. */
const MAX_NAMES = 500

interface Changes {
  readonly joined: Map<string, string>
  readonly left: Map<string, string>
}

/** Tells the players who came and went: soon, and together. */
export interface Lobby {
  changed(sessionId: string, players: { readonly joined?: readonly Player[]; readonly left?: readonly Player[] }): void
}

/** Tells the edges that a player continues with a newer token, or has left. Lossy. */
export interface Takeovers {
  announce(sessionId: string, player: Pick<Player, 'playerId' | 'generation'>, left?: boolean): void
}

/** Collects who came and went, and publishes it for all sessions together, a little later. */
export const createLobby = (deps: {
  readonly nc: NatsConnection
  /** Joined players now. Read when an update is made, so that the newest of several copies' updates is right. */
  readonly playerCounts: (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, PlayerCount>>
  readonly background: Background
  readonly logger: Logger
}): Lobby => {
  const { nc, playerCounts, background, logger } = deps
  let changes = new Map<string, Changes>()
  let lastAt = Number.NEGATIVE_INFINITY
  let scheduled = false

  const publish = async (): Promise<void> => {
    const collected = changes
    changes = new Map()
    const counts = await playerCounts([...collected.keys()])
    for (const [sessionId, { joined, left }] of collected) {
      const { playerCount = 0, countedAt = 0 } = counts.get(sessionId) ?? {}
      const update = create(LobbyUpdateSchema, {
        sessionId,
        playerCount,
        countedAtMs: countedAt,
        joined: named(joined),
        left: named(left),
      })
      nc.publish(subjects.lobby(sessionId), toBinary(LobbyUpdateSchema, update))
    }
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    const tick = (): void => {
      scheduled = false
      lastAt = performance.now()
      background(publish().catch((err: unknown) => logger.warn({ err }, 'lobby update lost')))
    }
    setTimeout(tick, Math.max(0, lastAt + INTERVAL_MS - performance.now()))
  }

  return {
    changed: (sessionId, { joined = [], left = [] }) => {
      const entry = changes.get(sessionId) ?? { joined: new Map(), left: new Map() }
      changes.set(sessionId, entry)
      for (const player of joined) note(player, entry.joined, entry.left)
      for (const player of left) note(player, entry.left, entry.joined)
      schedule()
    },
  }
}

const note = ({ playerId, nickname }: Player, into: Map<string, string>, outOf: Map<string, string>): void => {
  outOf.delete(playerId)
  if (into.size < MAX_NAMES) into.set(playerId, nickname)
}

const named = (players: ReadonlyMap<string, string>) =>
  Array.from(players, ([playerId, nickname]) => ({ playerId, nickname }))

/** Tells the edges, which know names and accept tokens, that the name is erased and tokens with it are void. Lossy. */
export const createErasureNews = (nc: NatsConnection) => {
  const takeovers = createTakeovers(nc)
  return {
    announce: ({
      sessionId,
      playerId,
      generation,
      playerCount,
      countedAt,
    }: Readonly<Record<'sessionId' | 'playerId', string> & Record<'generation', number> & PlayerCount>): void => {
      const update = create(LobbyUpdateSchema, {
        sessionId,
        playerCount,
        countedAtMs: countedAt,
        erasedPlayerIds: [playerId],
      })
      nc.publish(subjects.lobby(sessionId), toBinary(LobbyUpdateSchema, update))
      takeovers.announce(sessionId, { playerId, generation })
    },
  }
}

export const createTakeovers = (nc: NatsConnection): Takeovers => ({
  announce: (sessionId, { playerId, generation }, left = false) => {
    const takeover = create(PlayerTakeoverSchema, { sessionId, playerId, generation, left })
    nc.publish(subjects.takeover(sessionId), toBinary(PlayerTakeoverSchema, takeover))
  },
})
