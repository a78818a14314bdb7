import type { FeedMessage, SessionInternal, SessionState } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { PlayerPrincipal } from '#platform/tokens/token-verifier'
import { type FeedLog, followFeed } from './feed.ts'
import type { SessionSource } from './session-source.ts'

/** This edge's copy of a session, moved forward by every FEED message in order. */
export interface SessionReplica {
  readonly sessionId: string
  readonly hostUserId: string
  /** Stream sequence of the last applied FEED message. */
  readonly position: number
  readonly state: SessionState
  readonly internal: SessionInternal
  /** Newest known count, from the feed, lobby updates and replies to joins. */
  readonly playerCount: number
  /** Monotonic time (clock.monotonic) at which the open question opens for this edge's players. */
  readonly opensAtMonotonic: number | undefined
  /** The host has removed this player: the token is void. */
  isRemoved(playerId: string): boolean
  /** The player has a newer token than this. */
  isReplaced(player: Generation): boolean
  /** The player left and has not come back. */
  hasLeft(playerId: string): boolean
}

/** Called for each FEED message once, in order, after the replica holds it. Must not throw. */
export type FeedListener = (replica: SessionReplica, message: FeedMessage) => void

/** Joined players of a session; of two counts the one with the greater time is the newer. */
export interface PlayerCount {
  readonly playerCount: number
  readonly countedAtMs: number
}

export type Generation = Pick<PlayerPrincipal, 'playerId' | 'generation'> & { readonly left?: boolean }

const OVERDUE_MS = 3_000

/** Wall-clock time of the transition that the session makes by itself. */
const dueAt = ({ status, startsAtMs, question, nextAtMs }: SessionState): number => {
  switch (status) {
    case 'starting':
      return startsAtMs ?? Number.POSITIVE_INFINITY
    case 'question_open':
      return question?.closesAtMs ?? Number.POSITIVE_INFINITY
    case 'question_closed':
      return nextAtMs ?? Number.POSITIVE_INFINITY
    default:
      return Number.POSITIVE_INFINITY
  }
}

export type SessionSlot = ReturnType<typeof openSessionSlot>

/** One session's replica from its loading to its end. Subscribes and begins to load at once. */
export const openSessionSlot = (options: {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly sessions: SessionSource
  readonly clock: Clock
  readonly logger: Logger
  readonly onGap: () => void
  /** A message was heard when it was made, and applied. */
  readonly onLive: FeedListener
  readonly onFeed: FeedListener
  /** Number of the connection to NATS, +1 each time it was lost; live messages may be missing in between. */
  readonly connection: () => number
}) => {
  const { sessionId, feed, sessions, clock, logger, onGap, onLive, onFeed, connection } = options
  let cell: ReturnType<typeof createReplica> | undefined
  let checking: Promise<void> | undefined
  let checkedDuring = connection()
  /** Learned before there was a replica. */
  let early: Generation[] = []
  let earlyCount: PlayerCount | undefined

  const follower = followFeed({
    sessionId,
    feed,
    logger,
    onGap,
    apply: (message: FeedMessage, position, isLive) => {
      if (cell === undefined) return
      cell.apply(message, position, isLive)
      if (isLive) onLive(cell.replica, message)
      onFeed(cell.replica, message)
    },
  })

  const load = async (): Promise<SessionReplica | undefined> => {
    // Both at once: the feed has the position, the session the newest number of players.
    const [last, fresh] = await Promise.allSettled([feed.last(sessionId), sessions.get(sessionId)])
    if (last.status === 'rejected') throw last.reason
    const present = fresh.status === 'fulfilled' ? fresh.value : undefined
    const first = last.value?.message ?? present
    if (first === undefined) {
      if (fresh.status === 'rejected') throw fresh.reason
      return undefined
    }
    const position = last.value?.position ?? 0
    cell = createReplica(first, position, clock)
    if (present !== undefined) cell.notePlayerCount(countIn(present))
    if (earlyCount !== undefined) cell.notePlayerCount(earlyCount)
    for (const player of [...early, ...(present?.internal?.generations ?? [])]) cell.noteGeneration(player)
    early = []
    follower.start(position)
    return cell.replica
  }
  const loading = load()

  /** Takeovers are published once; an edge that was disconnected asks. Nothing else depends on it. */
  const learnGenerations = async (): Promise<void> => {
    try {
      const present = await sessions.get(sessionId)
      for (const player of present?.internal?.generations ?? []) cell?.noteGeneration(player)
    } catch (err) {
      logger.warn({ err, sessionId }, 'takeovers not known')
    }
  }

  const check = (): Promise<void> => {
    checking ??= (async () => {
      const during = connection()
      const isReconnected = during !== checkedDuring
      await follower.catchUp()
      checkedDuring = during
      if (isReconnected) await learnGenerations()
    })().finally(() => {
      checking = undefined
    })
    return checking
  }

  return {
    sessionId,
    /** The replica as it is; undefined until it has been loaded. */
    current: (): SessionReplica | undefined => cell?.replica,
    /** Nothing is known to be missing in `current()`. */
    isComplete: (): boolean =>
      cell !== undefined && checkedDuring === connection() && follower.repairing() === undefined,
    /** Resolves when nothing is missing any more; undefined when there is no such session. @throws PodiumError `unavailable` */
    complete: async (): Promise<SessionReplica | undefined> => {
      const replica = await loading
      if (replica === undefined) return undefined
      if (checkedDuring !== connection()) await check()
      await follower.repairing()
      return replica
    },
    /** A transition was due a while ago: its message was lost in silence, or it did not happen. `verify` finds out. */
    isOverdue: (): boolean => cell !== undefined && dueAt(cell.replica.state) + OVERDUE_MS < clock.now(),
    /** Reads back what is missing, if anything. @throws PodiumError `unavailable` */
    verify: check,
    notePlayerCount: (count: PlayerCount): void => {
      if (cell !== undefined) cell.notePlayerCount(count)
      else if (count.countedAtMs >= (earlyCount?.countedAtMs ?? 0)) earlyCount = count
    },
    noteGeneration: (player: Generation): void => {
      if (cell === undefined) early.push(player)
      else cell.noteGeneration(player)
    },
    close: follower.stop,
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** `position` 0: the message does not come from the feed. */
const createReplica = (first: FeedMessage, position: number, clock: Clock) => {
  let opening: KnownOpening | undefined
  let removed: ReadonlySet<string> = new Set()
  /** At most one per player of the session. */
  const generations = new Map<string, number>()
  let countedAtMs = 0
  /** Players who left, as they are known in `generations` or as they joined first. */
  const left = new Set<string>()

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
    hasLeft: (playerId) => left.has(playerId),
  }

  /** Counts come by several ways and overtake one another. */
  const notePlayerCount = (count: PlayerCount): void => {
    if (count.countedAtMs < countedAtMs) return
    countedAtMs = count.countedAtMs
    replica.playerCount = count.playerCount
  }

  /** The only way the rest changes. `isLive`: the message was heard when it was made. */
  const apply = (message: FeedMessage, at: number, isLive: boolean): void => {
    const state = stateOf(message)
    const internal = internalOf(message)
    opening = nextOpening(message, state, isLive, opening, clock)
    if (removed.size !== internal.removedPlayerIds.length) removed = new Set(internal.removedPlayerIds)
    replica.position = at
    replica.state = state
    replica.internal = internal
    replica.opensAtMonotonic = opening?.opensAt
    notePlayerCount(countIn(message))
  }

  apply(first, position, false)
  return {
    replica,
    apply,
    notePlayerCount,
    noteGeneration: ({ playerId, generation, left: hasLeft = false }: Generation): void => {
      const known = generations.get(playerId) ?? 1
      if (generation < known) return
      if (generation > known) generations.set(playerId, generation)
      // A player who comes back has a new generation.
      if (hasLeft) left.add(playerId)
      else if (generation > known) left.delete(playerId)
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
    case 'questionExtended':
      return event.event.value.opensInMs
    default:
      return undefined
  }
}

const countIn = (message: FeedMessage): PlayerCount => ({
  playerCount: stateOf(message).playerCount,
  countedAtMs: internalOf(message).countedAtMs,
})

/** FeedLog gives no message without them; a command reply might. */
const stateOf = ({ state }: FeedMessage): SessionState => {
  if (state === undefined) throw new Error('a feed message without state')
  return state
}

const internalOf = ({ internal }: FeedMessage): SessionInternal => {
  if (internal === undefined) throw new Error('a feed message without its internal part')
  return internal
}

/**
 * When a question opens for the players of this edge, on its monotonic clock.
 *
 * An edge that hears the announcement opens the question at the announced time: clients were promised that time, and the
 * announcement was some milliseconds under way. A wall clock that is wrong moves the opening by the lead at most: never
 * before the announcement was heard, never later than the lead after it. One that reads the announcement later can only
 * translate the announced time, and an error of its clock must not open the question before it could have been announced,
 * nor after it has closed.
 */
interface OpeningInput {
  readonly questionId: string
  /** Announced times, wall clock of the service that opened the question. */
  readonly opensAtMs: number
  readonly closesAtMs: number
  /** From the announcement to the opening; undefined when the message is not the announcement. */
  readonly opensInMs: number | undefined
  /** The message was heard when it was made, not read later. */
  readonly isLive: boolean
}

/** What the edge held before. */
interface KnownOpening {
  readonly questionId: string
  readonly opensAtMs: number
  readonly opensAt: number
}

/** Longest time by which a question is announced ahead. */
const MAX_LEAD_MS = 1_000

export const openingOf = (
  input: OpeningInput,
  known: KnownOpening | undefined,
  clocks: { readonly now: number; readonly monotonic: number },
): KnownOpening => {
  const { questionId, opensAtMs, closesAtMs, opensInMs, isLive } = input
  const isKnown = known?.questionId === questionId && known.opensAtMs === opensAtMs
  if (isKnown) return known
  const isHeard = isLive && opensInMs !== undefined
  // The wall clock says whole milliseconds: it may be almost one further than it says.
  const lead = Math.min(opensAtMs - clocks.now - 1, opensInMs ?? MAX_LEAD_MS)
  // One read after its end is over, not at its very end: an edge that has just started must not take late answers.
  const earliest = isHeard ? 0 : opensAtMs - closesAtMs - 1
  return { questionId, opensAtMs, opensAt: clocks.monotonic + Math.max(lead, earliest) }
}
