import type { FeedMessage } from '#gen/feed_pb'
import type { Logger } from '#platform/logger'
import type { FeedEntry, FeedLog } from '../ports.ts'

export interface FeedFollowerOptions {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly logger: Logger
  /** A live message does not follow the one before it. */
  readonly onGap?: () => void
  /** Every message after the start, once and in order. */
  readonly apply: (message: FeedMessage, position: number, isLive: boolean) => void
}

/** Follows the feed of one session without leaving anything out. */
export interface FeedFollower {
  /** Everything up to `position` is known; later messages are applied from now on. */
  start(position: number): void
  /**
   * Asks for the newest message, because live ones may have been lost. Resolves when everything up to it is applied.
   * @throws PodiumError `unavailable`
   */
  catchUp(): Promise<void>
  /** Pending while a hole is being closed; undefined when there is none. */
  repairing(): Promise<void> | undefined
  stop(): void
}

const RETRY_MS = 100
/** Attempts to read a message that was heard of. Then it is gone (purged), and the feed continues without it. */
const MAX_MISSES = 50

/** Subscribes at once; what is heard before `start` is read back after it. */
export const followFeed = (options: FeedFollowerOptions): FeedFollower => {
  const { sessionId, feed, logger, apply, onGap } = options
  let position: number | undefined
  /** Newest position that was heard of. */
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
      onGap?.()
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
    start: (at) => {
      position = at
      if (target > at) void close()
      else target = at
    },
    catchUp: async () => {
      const last = await feed.last(sessionId)
      if (last !== undefined) target = Math.max(target, last.position)
      await close()
    },
    repairing: () => repair,
    stop: () => {
      stopped = true
      unsubscribe()
    },
  }
}
