import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock'
import { METRICS } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import { type Metrics, noTelemetry } from '#platform/telemetry'
import { type FeedLog, type Link, withDeadline } from './feed.ts'
import {
  type FeedListener,
  type Generation,
  openSessionSlot,
  type PlayerCount,
  type SessionReplica,
  type SessionSlot,
} from './session-replica.ts'
import type { SessionSource } from './session-source.ts'

interface Held {
  readonly slot: SessionSlot
  readonly closers: readonly (() => void)[]
  usedAt: number
}

/** An unknown session is not looked up again for this time, so that guessed ids cost little. */
const UNKNOWN_MS = 1_000
const SWEEP_MS = 5_000
/** Longest wait of a request for a replica to be complete. */
const WAIT_MS = 3_000
/** Under pressure a replica that was not used for this long goes. */
const MIN_IDLE_MS = 1_000
/** Replicas caught up at the same time after a reconnect. */
const CATCH_UP_WIDTH = 32
const CATCH_UP_RETRY_MS = 250

export type SessionReplicas = ReturnType<typeof createSessionReplicas>

/** The sessions this edge knows. */
export const createSessionReplicas = (options: {
  readonly feed: FeedLog
  readonly sessions: SessionSource
  readonly link: Link
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: Metrics
  /** Replicas at which one more needs another to go; `unavailable` when all are in use. Default 20 000. */
  readonly maxReplicas?: number
  /** A replica that was not asked for during this time is dropped. Default 60 000 ms. */
  readonly idleMs?: number
}) => {
  const { feed, sessions, link, clock, logger, maxReplicas = 20_000, idleMs = 60_000 } = options
  const slots = new Map<string, Held>()
  const retained = new Map<string, number>()
  const unknown = new LRUCache<string, number>({ max: 10_000 })
  const feedListeners: FeedListener[] = []
  const openListeners: ((sessionId: string) => () => void)[] = []
  let connection = 0
  const { metrics = noTelemetry().metrics } = options
  metrics.observe(METRICS.sessionReplicas, () => slots.size)
  const gaps = metrics.counter(METRICS.feedGaps)
  const onLive = createDelayWatch(metrics, clock)

  const onFeed: FeedListener = (replica, message) => {
    for (const listener of feedListeners) {
      try {
        listener(replica, message)
      } catch (err) {
        logger.error({ err, sessionId: replica.sessionId }, 'feed listener failed')
      }
    }
  }

  const open = (sessionId: string): Held => {
    makeRoom()
    const closers = openListeners.map((listener) => listener(sessionId))
    const slot = openSessionSlot({
      sessionId,
      feed,
      sessions,
      clock,
      logger,
      onGap: () => gaps.add(),
      onLive,
      onFeed,
      connection: () => connection,
    })
    const held: Held = { slot, closers, usedAt: clock.monotonic() }
    slots.set(sessionId, held)
    return held
  }

  const drop = (held: Held): void => {
    const { sessionId } = held.slot
    if (slots.get(sessionId) !== held) return
    slots.delete(sessionId)
    held.slot.close()
    for (const close of held.closers) close()
  }

  const dropIdle = (forMs: number): void => {
    const limit = clock.monotonic() - forMs
    for (const held of slots.values()) if (held.usedAt < limit && !retained.has(held.slot.sessionId)) drop(held)
  }

  const makeRoom = (): void => {
    if (slots.size >= maxReplicas) dropIdle(MIN_IDLE_MS)
    if (slots.size >= maxReplicas) throw new PodiumError('unavailable', { cause: new Error('too many sessions') })
  }

  /** A replica that could not be loaded is not kept. */
  const complete = async (held: Held): Promise<SessionReplica | undefined> => {
    try {
      const replica = await held.slot.complete()
      if (replica === undefined) unknown.set(held.slot.sessionId, clock.monotonic() + UNKNOWN_MS)
      return replica
    } finally {
      if (held.slot.current() === undefined) drop(held)
    }
  }

  const catchUp = async (held: Held): Promise<void> => {
    while (link.isUp() && slots.get(held.slot.sessionId) === held && !held.slot.isComplete()) {
      try {
        await complete(held)
      } catch (err) {
        logger.warn({ err, sessionId: held.slot.sessionId }, 'replica not caught up yet')
        await new Promise((resolve) => setTimeout(resolve, CATCH_UP_RETRY_MS))
      }
    }
  }

  link.onDown(() => {
    connection += 1
  })
  link.onUp(() => {
    const waiting = [...slots.values()]
    const work = async (): Promise<void> => {
      for (let held = waiting.pop(); held !== undefined; held = waiting.pop()) await catchUp(held)
    }
    for (let n = 0; n < CATCH_UP_WIDTH; n++) void work()
  })

  const verifyOverdue = (): void => {
    for (const { slot } of slots.values()) {
      if (!link.isUp() || !slot.isOverdue()) continue
      slot.verify().catch((err) => logger.warn({ err, sessionId: slot.sessionId }, 'overdue replica not verified'))
    }
  }

  const sweep = setInterval(() => {
    dropIdle(idleMs)
    verifyOverdue()
  }, SWEEP_MS)
  sweep.unref()

  return {
    /** Loads the session on first use. Undefined when there is no such session. @throws PodiumError `unavailable` */
    get: async (sessionId: string): Promise<SessionReplica | undefined> => {
      if (!link.isUp()) throw new PodiumError('unavailable', { cause: new Error('NATS unavailable') })
      let held = slots.get(sessionId)
      if (held === undefined) {
        if ((unknown.get(sessionId) ?? 0) > clock.monotonic()) return undefined
        held = open(sessionId)
      }
      held.usedAt = clock.monotonic()
      if (held.slot.isComplete()) return held.slot.current()
      return withDeadline(complete(held), WAIT_MS, `session ${sessionId} is not here yet`)
    },
    /** The replica when it is here with nothing missing; counts as use. Otherwise `get` loads it. */
    ready: (sessionId: string): SessionReplica | undefined => {
      const held = slots.get(sessionId)
      if (held === undefined || !link.isUp() || !held.slot.isComplete()) return undefined
      held.usedAt = clock.monotonic()
      return held.slot.current()
    },
    /** The replica if it is here now. */
    peek: (sessionId: string): SessionReplica | undefined => slots.get(sessionId)?.slot.current(),
    /** Keeps the replica (and its subscription) while a client is connected; call the result once to let go. */
    retain: (sessionId: string): (() => void) => {
      retained.set(sessionId, (retained.get(sessionId) ?? 0) + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        const count = (retained.get(sessionId) ?? 1) - 1
        if (count > 0) retained.set(sessionId, count)
        else retained.delete(sessionId)
        const held = slots.get(sessionId)
        if (held !== undefined) held.usedAt = clock.monotonic()
      }
    },
    /** All FEED messages of all replicas. */
    onFeed: (listener: FeedListener): void => {
      feedListeners.push(listener)
    },
    /**
     * Called when a replica comes into being, before its player count is asked for, with the id; what it returns is called
     * when the replica is dropped. For subscriptions that live as long as the replica.
     */
    onOpen: (listener: (sessionId: string) => () => void): void => {
      openListeners.push(listener)
    },
    /** A player has a token of this generation now. */
    noteGeneration: (sessionId: string, player: Generation): void => slots.get(sessionId)?.slot.noteGeneration(player),
    /** A lobby update, or the reply to a command of one of this edge's clients, says how many players there are. */
    notePlayerCount: (sessionId: string, count: PlayerCount | undefined): void => {
      if (count !== undefined) slots.get(sessionId)?.slot.notePlayerCount(count)
    },
    close: (): void => {
      clearInterval(sweep)
      for (const held of slots.values()) drop(held)
    },
  }
}

/** How well this edge keeps up with the feeds of its sessions. */
const createDelayWatch = (metrics: Metrics, clock: Clock): FeedListener => {
  const delay = metrics.histogram(METRICS.feedDelay)
  const skew = metrics.histogram(METRICS.openingSkew)
  return ({ state, opensAtMonotonic }, { atMs, event }) => {
    const now = clock.now()
    delay.record(Math.max(0, now - atMs) / 1_000)
    const opens = event?.event.case === 'questionOpened' || event?.event.case === 'sessionResumed'
    if (!opens || opensAtMonotonic === undefined || state.question === undefined) return
    const opensAtMs = now + opensAtMonotonic - clock.monotonic()
    skew.record(Math.abs(opensAtMs - state.question.opensAtMs) / 1_000)
  }
}
