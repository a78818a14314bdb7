import type { Frame, OwnMembers } from './frame.ts'
import type { StreamClient } from './ports.ts'

/** Streams of one player at once; with one more the oldest, most likely a dead connection, is closed. */
const MAX_STREAMS_PER_PLAYER = 4

/** The connected clients of one session. */
export interface Audience {
  /** Returns the player's oldest client when there are too many now. */
  add(client: StreamClient): StreamClient | undefined
  /** False when it was not there. */
  remove(client: StreamClient): boolean
  size(): number
  all(): StreamClient[]
  ofPlayer(playerId: string): readonly StreamClient[]
  hosts(): Iterable<StreamClient>
  /** To everybody, at once and in order; those who have a frame's position already are left out. */
  deliver(frame: Frame, own?: (client: StreamClient) => OwnMembers): void
  /** To everybody; whoever is behind gets the newest of its type when it can take it. */
  show(frame: Frame): void
}

const NOBODY: readonly StreamClient[] = []

export const createAudience = (): Audience => {
  const clients = new Set<StreamClient>()
  const hosts = new Set<StreamClient>()
  const players = new Map<string, readonly StreamClient[]>()

  return {
    add: (client) => {
      clients.add(client)
      if (client.player === undefined) {
        hosts.add(client)
        return undefined
      }
      const { playerId } = client.player
      const streams = [...(players.get(playerId) ?? NOBODY), client]
      players.set(playerId, streams)
      return streams.length > MAX_STREAMS_PER_PLAYER ? streams[0] : undefined
    },
    remove: (client) => {
      hosts.delete(client)
      if (!clients.delete(client)) return false
      if (client.player === undefined) return true
      const { playerId } = client.player
      const left = players.get(playerId)?.filter((other) => other !== client) ?? NOBODY
      if (left.length === 0) players.delete(playerId)
      else players.set(playerId, left)
      return true
    },
    size: () => clients.size,
    all: () => [...clients],
    ofPlayer: (playerId) => players.get(playerId) ?? NOBODY,
    hosts: () => hosts,
    deliver: (frame, own) => {
      // A client that is closed on the way leaves the set, which does not disturb the iteration.
      for (const client of clients) {
        if (frame.id !== undefined) {
          if (frame.id <= client.position) continue
          client.position = frame.id
        }
        client.deliver(frame, own?.(client))
      }
    },
    show: (frame) => {
      for (const client of clients) client.show(frame)
    },
  }
}
