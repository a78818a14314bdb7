import { fromBinary } from '@bufbuild/protobuf'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { SPANS } from '#platform/contract/names'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Tracing } from '#platform/telemetry'
import { noTracing, TRACEPARENT } from '#platform/telemetry/tracing'

/** One message of FEED. */
export interface FeedEntry {
  /** Stream sequence: the position that clients resume from. */
  readonly position: number
  /** Position of the message before it on the same subject, 0 for the first; undefined when read back from the stream. */
  readonly previous: number | undefined
  readonly message: FeedMessage
}

/** The stored and the live feed of sessions. */
export interface FeedLog {
  /** Live messages, in order, possibly with holes. Must not throw. The result ends it. */
  subscribe(sessionId: string, listener: (entry: FeedEntry) => void): () => void
  /** The newest message; undefined when there is none. @throws PodiumError `unavailable` */
  last(sessionId: string): Promise<FeedEntry | undefined>
  /** The first message after a position; undefined when there is none. @throws PodiumError `unavailable` */
  next(sessionId: string, position: number): Promise<FeedEntry | undefined>
}

/** FEED: stored by JetStream, republished to core NATS. */
export const createFeedLog = ({
  nats,
  manager,
  logger,
  tracing = noTracing,
}: {
  readonly nats: NatsConnection
  readonly manager: JetStreamManager
  readonly logger: Logger
  readonly tracing?: Tracing | undefined
}): FeedLog => ({
  subscribe: (sessionId, listener) => {
    const subscription = nats.subscribe(subjects.liveFeed(sessionId), {
      callback: (err, { headers, data }) => {
        if (err !== null) {
          logger.error({ err, sessionId }, 'feed subscription failed')
          return
        }
        const position = Number(headers?.get('Nats-Sequence'))
        const message = decode(sessionId, position, data, logger)
        // An unreadable one is skipped: the next message shows a hole, and reading that back skips it for good.
        if (message === undefined) return
        const span = tracing.isOn
          ? tracing.resume(headers?.values(TRACEPARENT) ?? [], SPANS.process(subjects.liveFeed(sessionId)), CONSUMER)
          : undefined
        listener({ position, previous: Number(headers?.get('Nats-Last-Sequence')), message })
        span?.end()
      },
    })
    return () => subscription.unsubscribe()
  },
  // From the leader: a follower that lags would give an old message for the newest, and nothing would tell.
  last: (sessionId) =>
    reading(async () => {
      const stored = await manager.streams.getMessage(streams.feed, { last_by_subj: subjects.feed(sessionId) })
      if (stored === null) return undefined
      const message = decode(sessionId, stored.seq, stored.data, logger)
      if (message === undefined) throw new Error('the newest feed message is unreadable')
      return { position: stored.seq, previous: undefined, message }
    }),
  next: (sessionId, position) =>
    reading(async () => {
      let from = position
      for (;;) {
        const query = { seq: from + 1, next_by_subj: subjects.feed(sessionId) }
        const stored = await manager.direct.getMessage(streams.feed, query)
        if (stored === null) return undefined
        const message = decode(sessionId, stored.seq, stored.data, logger)
        if (message !== undefined) return { position: stored.seq, previous: undefined, message }
        from = stored.seq
      }
    }),
})

const CONSUMER = { role: 'consumer' } as const

const decode = (sessionId: string, position: number, data: Uint8Array, logger: Logger): FeedMessage | undefined => {
  try {
    if (!(position > 0)) throw new Error('no position')
    const message = fromBinary(FeedMessageSchema, data)
    if (message.sessionId !== sessionId) throw new Error('subject and payload disagree')
    if (message.state === undefined || message.internal === undefined) throw new Error('no state')
    return message
  } catch (err) {
    logger.error({ err, sessionId, position }, 'unreadable feed message')
    return undefined
  }
}

const reading = async (read: () => Promise<FeedEntry | undefined>): Promise<FeedEntry | undefined> => {
  try {
    return await read()
  } catch (cause) {
    throw new PodiumError('unavailable', { cause })
  }
}

const RETRY_MS = 100
/** Attempts to read a message that was announced. Then it is gone (purged), and the feed continues without it. */
const MAX_MISSES = 50

/**
 * Follows the feed of one session without leaving anything out. Subscribes at once; what is heard before `start` is read
 * back after it.
 */
export const followFeed = (options: {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly logger: Logger
  /** A live message does not follow the one before it. */
  readonly onGap: () => void
  /** Every message after the start, once and in order. */
  readonly apply: (message: FeedMessage, position: number, isLive: boolean) => void
}) => {
  const { sessionId, feed, logger, apply, onGap } = options
  let position: number | undefined
  /** Newest position that was announced. */
  let target = 0
  let repair: Promise<void> | undefined
  let stopped = false

  const advance = ({ message, position: at }: FeedEntry, isLive: boolean): void => {
    position = at
    apply(message, at, isLive)
  }

  const onLive = (entry: FeedEntry): void => {
    if (entry.position <= target) return
    target = entry.position
    if (position === undefined) return
    if (repair === undefined && entry.previous === position) advance(entry, true)
    else {
      onGap()
      void close()
    }
  }
  const unsubscribe = feed.subscribe(sessionId, onLive)

  /** Reads back what is missing; what is heard meanwhile moves the target. */
  const close = (): Promise<void> => {
    repair ??= fill().finally(() => {
      repair = undefined
    })
    return repair
  }

  const fill = async (): Promise<void> => {
    let misses = 0
    while (!stopped && position !== undefined && position < target) {
      const entry = await readNext(position)
      if (stopped) return
      if (entry !== undefined && entry !== 'failed') {
        misses = 0
        advance(entry, false)
        continue
      }
      if (entry === undefined) misses += 1
      if (misses > MAX_MISSES) {
        logger.error({ sessionId, position, target }, 'feed messages are gone')
        position = target
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  const readNext = async (after: number): Promise<FeedEntry | undefined | 'failed'> => {
    try {
      return await feed.next(sessionId, after)
    } catch (err) {
      logger.warn({ err, sessionId }, 'feed not readable, trying again')
      return 'failed'
    }
  }

  return {
    /** Everything up to `position` is known; later messages are applied from now on. */
    start: (at: number): void => {
      position = at
      if (target > at) void close()
      else target = at
    },
    /**
     * Asks for the newest message, because live ones may have been lost. Resolves when everything up to it is applied.
     * @throws PodiumError `unavailable`
     */
    catchUp: async (): Promise<void> => {
      const last = await feed.last(sessionId)
      if (last !== undefined) target = Math.max(target, last.position)
      await close()
    },
    /** Pending while a hole is being closed; undefined when there is none. */
    repairing: (): Promise<void> | undefined => repair,
    stop: (): void => {
      stopped = true
      unsubscribe()
    },
  }
}

export type Link = ReturnType<typeof createNatsLink>

/** The connection to NATS, followed until it is closed. */
export const createNatsLink = (nats: NatsConnection) => {
  let isUp = true
  const down: (() => void)[] = []
  const up: (() => void)[] = []

  const follow = async (): Promise<void> => {
    for await (const { type } of nats.status()) {
      if (type === 'disconnect' && isUp) {
        isUp = false
        for (const listener of down) listener()
      } else if (type === 'reconnect' && !isUp) {
        isUp = true
        for (const listener of up) listener()
      }
    }
  }
  void follow()

  return {
    isUp: (): boolean => isUp,
    /** The connection is gone; live messages are lost until it is back. */
    onDown: (listener: () => void): void => {
      down.push(listener)
    },
    /** It is back and every subscription with it. */
    onUp: (listener: () => void): void => {
      up.push(listener)
    },
  }
}

/** Waits no longer than `ms`. @throws PodiumError `unavailable` when the time is up; the work is not cancelled. */
export const withDeadline = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PodiumError('unavailable', { cause: new Error(what) })), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
