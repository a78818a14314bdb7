import type { FeedMessage, SessionInternal, SessionState } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import type { PlayerPrincipal, SessionReplica } from '../ports.ts'
import { type KnownOpening, openingOf } from './opening.ts'

/** A replica and the one way it changes. */
export interface ReplicaCell {
  readonly replica: SessionReplica
  /** `position` 0: the message does not come from the feed. `isLive`: it was heard when it was made. */
  apply(message: FeedMessage, position: number, isLive: boolean): void
  setPlayerCount(playerCount: number): void
  noteGeneration(player: Pick<PlayerPrincipal, 'playerId' | 'generation'>): void
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export const createReplica = (first: FeedMessage, position: number, clock: Clock): ReplicaCell => {
  let opening: KnownOpening | undefined
  let removed: ReadonlySet<string> = new Set()
  /** At most one per player of the session. */
  const generations = new Map<string, number>()

  const replica: Mutable<SessionReplica> = {
    sessionId: first.sessionId,
    hostUserId: internalOf(first).hostUserId,
    position,
    state: stateOf(first),
    internal: internalOf(first),
    playerCount: 0,
    opensAtMonotonic: undefined,
    isRemoved: (playerId) => removed.has(playerId),
    isReplaced: ({ playerId, generation }) => generation < (generations.get(playerId) ?? 0),
  }

  const apply = (message: FeedMessage, at: number, isLive: boolean): void => {
    const state = stateOf(message)
    const internal = internalOf(message)
    opening = nextOpening(message, state, isLive, opening, clock)
    if (removed.size !== internal.removedPlayerIds.length) removed = new Set(internal.removedPlayerIds)
    replica.position = at
    replica.state = state
    replica.internal = internal
    replica.playerCount = state.playerCount
    replica.opensAtMonotonic = opening?.opensAt
  }

  apply(first, position, false)
  return {
    replica,
    apply,
    setPlayerCount: (playerCount) => {
      replica.playerCount = playerCount
    },
    noteGeneration: ({ playerId, generation }) => {
      if (generation > (generations.get(playerId) ?? 1)) generations.set(playerId, generation)
    },
  }
}

const nextOpening = (
  message: FeedMessage,
  { question }: SessionState,
  isLive: boolean,
  known: KnownOpening | undefined,
  clock: Clock,
): KnownOpening | undefined => {
  if (question === undefined) return undefined
  const { questionId, opensAtMs, closesAtMs } = question
  const opensInMs = announcedIn(message)
  const clocks = { now: clock.now(), monotonic: clock.monotonic() }
  return openingOf({ questionId, opensAtMs, closesAtMs, opensInMs, isLive }, known, clocks)
}

/** How far ahead this very message announces its question; undefined when it announces none. */
const announcedIn = ({ event }: FeedMessage): number | undefined => {
  switch (event?.event.case) {
    case 'questionOpened':
    case 'sessionResumed':
      return event.event.value.opensInMs
    default:
      return undefined
  }
}

/** FeedLog gives no message without them; a command reply might. */
const stateOf = ({ state }: FeedMessage): SessionState => {
  if (state === undefined) throw new Error('a feed message without state')
  return state
}

const internalOf = ({ internal }: FeedMessage): SessionInternal => {
  if (internal === undefined) throw new Error('a feed message without its internal part')
  return internal
}
