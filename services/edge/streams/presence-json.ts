import type { PresenceView } from '../ports.ts'
import { isPresent, type Presence } from './presence-counts.ts'

/** Ids in one document; the count is exact in any case. */
const MAX_DISCONNECTED = 100

interface Joined {
  readonly playerId: string
  readonly joinOrder: number
}

export const presenceJson = (players: Iterable<Joined>, connected: Presence): PresenceView => {
  const away: Joined[] = []
  let connectedCount = 0
  for (const player of players) {
    if (isPresent(connected, player.joinOrder)) connectedCount += 1
    else away.push(player)
  }
  away.sort((a, b) => a.joinOrder - b.joinOrder)
  return { connectedCount, disconnected: away.slice(0, MAX_DISCONNECTED).map(({ playerId }) => playerId) }
}
