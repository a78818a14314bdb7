import type { FeedMessage, SessionState } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { FeedListener, FeedLog, PlayerPrincipal, SessionReplica, SessionSource } from '../ports.ts'
import { followFeed } from './feed-follower.ts'
import type { FeedWatch } from './feed-watch.ts'
import { createReplica, type ReplicaCell } from './session-replica.ts'

export interface SessionSlotOptions {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly sessions: SessionSource
  readonly clock: Clock
  readonly logger: Logger
  readonly watch: FeedWatch
  readonly onFeed: FeedListener
  /** Number of the connection to the bus, +1 each time it was lost; live messages may be missing in between. */
  readonly connection: () => number
}

/** One session's replica from its loading to its end. */
export interface SessionSlot {
  readonly sessionId: string
  /** The replica as it is; undefined until it has been loaded. */
  current(): SessionReplica | undefined
  /** Nothing is known to be missing in `current()`. */
  isComplete(): boolean
  /**
   * Resolves when nothing is missing any more. Undefined when there is no such session.
   * @throws PodiumError `unavailable`
   */
  complete(): Promise<SessionReplica | undefined>
  /**
   * A transition was due a while ago: either its message was lost unnoticed, or no `session` made it.
   * `verify` tells.
   */
  isOverdue(): boolean
  /** Reads back what is missing, if anything. @throws PodiumError `unavailable` */
  verify(): Promise<void>
  setPlayerCount(playerCount: number): void
  noteGeneration(player: Generation): void
  close(): void
}

type Generation = Pick<PlayerPrincipal, 'playerId' | 'generation'>

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

/** Subscribes and begins to load at once. */
export const openSessionSlot = (options: SessionSlotOptions): SessionSlot => {
  const { sessionId, feed, sessions, clock, logger, watch, onFeed, connection } = options
  let cell: ReplicaCell | undefined
  let checking: Promise<void> | undefined
  let checkedDuring = connection()
  /** From a lobby update; newer than any answer to a question that was asked before it. */
  let counted: number | undefined
  /** Heard of before there was a replica. */
  let early: Generation[] = []

  const follower = followFeed({
    sessionId,
    feed,
    logger,
    onGap: watch.gap,
    apply: (message: FeedMessage, position, isLive) => {
      if (cell === undefined) return
      cell.apply(message, position, isLive)
      if (isLive) watch.heard(cell.replica, message)
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
    const playerCount = counted ?? present?.state?.playerCount
    if (playerCount !== undefined) cell.setPlayerCount(playerCount)
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
    current: () => cell?.replica,
    isComplete: () => cell !== undefined && checkedDuring === connection() && follower.repairing() === undefined,
    complete: async () => {
      const replica = await loading
      if (replica === undefined) return undefined
      if (checkedDuring !== connection()) await check()
      await follower.repairing()
      return replica
    },
    isOverdue: () => cell !== undefined && dueAt(cell.replica.state) + OVERDUE_MS < clock.now(),
    verify: check,
    setPlayerCount: (playerCount) => {
      counted = playerCount
      cell?.setPlayerCount(playerCount)
    },
    noteGeneration: (player) => {
      if (cell === undefined) early.push(player)
      else cell.noteGeneration(player)
    },
    close: follower.stop,
  }
}
