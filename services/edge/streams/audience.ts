import type { PlayerPrincipal } from '#platform/tokens/token-verifier'
import type { StreamClient } from './client.ts'
import type { Frame, OwnMembers } from './frame.ts'
import type { EventFrames } from './messages.ts'
import type { ProbeKind } from './round-trips.ts'

/** Streams of one player at once; with one more the oldest, most likely a dead connection, is closed. */
const MAX_STREAMS_PER_PLAYER = 4

const NONE: readonly StreamClient[] = []

export type Audience = ReturnType<typeof createAudience>

/** The connected clients of one session. */
export const createAudience = () => {
  const clients = new Set<StreamClient>()
  const hosts = new Set<StreamClient>()
  const players = new Map<string, readonly StreamClient[]>()

  return {
    /** Returns the player's oldest client when there are too many now. */
    add: (client: StreamClient): StreamClient | undefined => {
      clients.add(client)
      if (client.viewer === 'host') hosts.add(client)
      if (client.player === undefined) return undefined
      const { playerId } = client.player
      const streams = [...(players.get(playerId) ?? NONE), client]
      players.set(playerId, streams)
      return streams.length > MAX_STREAMS_PER_PLAYER ? streams[0] : undefined
    },
    /** False when it was not there. */
    remove: (client: StreamClient): boolean => {
      hosts.delete(client)
      if (!clients.delete(client)) return false
      if (client.player === undefined) return true
      const { playerId } = client.player
      const left = players.get(playerId)?.filter((other) => other !== client) ?? NONE
      if (left.length === 0) players.delete(playerId)
      else players.set(playerId, left)
      return true
    },
    size: (): number => clients.size,
    all: (): StreamClient[] => [...clients],
    ofPlayer: (playerId: string): readonly StreamClient[] => players.get(playerId) ?? NONE,
    hosts: (): Iterable<StreamClient> => hosts,
    /** Measures the network of every player who is connected by a protocol that can. */
    probe: (kind: ProbeKind): void => {
      for (const streams of players.values()) for (const client of streams) client.probe(kind)
    },
    /** An event to every client, at once and in order; those that have its position already are left out. */
    send: (frames: EventFrames, own?: (client: StreamClient) => OwnMembers): void => {
      // A client that is closed meanwhile leaves the set, which does not disturb the iteration.
      for (const client of clients) {
        const frame = frames[client.viewer]
        if (frame.id !== undefined) {
          if (frame.id <= client.position) continue
          client.position = frame.id
        }
        client.send(frame, own?.(client))
      }
    },
    /** To every client; one that is behind gets the newest of the frame's type when it can take it. */
    sendLatest: (frame: Frame): void => {
      for (const client of clients) client.sendLatest(frame)
    },
  }
}

/** Tokens of a player with a smaller generation are out of date. */
export interface TakeoverNote {
  readonly playerId: string
  readonly generation: number
}

/** Notes passed on to another edge. */
const MAX_NOTES = 1_000

/** Of a player's first token, which replaced no other. */
const FIRST_GENERATION = 1

/** Which token generations of a session's players are out of date, as far as this edge has heard of takeovers. */
export const createTakeovers = () => {
  /** At most one per player of the session. */
  const newest = new Map<string, number>()
  return {
    /** There is a token of this generation: older ones are out of date. True when that is new. */
    note: ({ playerId, generation }: TakeoverNote): boolean => {
      if (generation <= (newest.get(playerId) ?? FIRST_GENERATION)) return false
      newest.delete(playerId) // to the end
      newest.set(playerId, generation)
      return true
    },
    isReplaced: (player: PlayerPrincipal | undefined): boolean =>
      player !== undefined && player.generation < (newest.get(player.playerId) ?? 0),
    /** The newest of them, for an edge that was not there. */
    known: (): readonly TakeoverNote[] =>
      [...newest].slice(-MAX_NOTES).map(([playerId, generation]) => ({ playerId, generation })),
  }
}
