import type { FeedMessage } from '#gen/feed_pb'
import type { Logger } from '#platform/logger'
import { type FeedLog, withDeadline } from '../sessions/feed.ts'
import { type EventFrames, eventFrames } from './messages.ts'

/** Events that a returning client gets one by one; one that missed more starts from a snapshot. */
export const MAX_REPLAY = 300

/** Messages kept for one session, with those that clients do not get. */
const MAX_MESSAGES = 5_000

/** Characters of frames kept for one session. */
const MAX_CHARS = 256 * 1024

/** Longest wait for older messages to be read back; after it a snapshot is the answer. */
const REACH_MS = 2_000

/** One message of the feed, as it is sent to clients. */
export interface ReplayEvent {
  readonly position: number
  /** Undefined for what clients do not get; 'finished' for the end, which is sent with the board. */
  readonly frames: EventFrames | 'finished' | undefined
}

/** Position as clients send it; undefined for what cannot be one. */
export const parsePosition = (value: unknown): number | undefined => {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined
}

const entryOf = (message: FeedMessage, position: number): ReplayEvent => ({
  position,
  frames: message.event?.event.case === 'sessionFinished' ? 'finished' : eventFrames(message, position),
})

/** What a list of events amounts to. */
interface Amount {
  events: number
  chars: number
}

const count = (amount: Amount, { frames }: ReplayEvent, sign: 1 | -1): void => {
  if (frames === undefined) return
  amount.events += sign
  if (frames === 'finished') return
  const { host, player } = frames
  amount.chars += sign * (host.head.length + (player === host ? 0 : player.head.length))
}

const NOTHING: Amount = { events: 0, chars: 0 }

export type FeedHistory = ReturnType<typeof createFeedHistory>

/**
 * The newest messages of one session's feed, ready to be sent again: when every client reconnects at once, each message
 * is read back and made into a frame once.
 */
export const createFeedHistory = (options: {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly logger: Logger
  /** Position of the newest message that is not added. */
  readonly start: number
}) => {
  const { sessionId, feed, logger, start } = options
  /** Everything after `base`, oldest first. */
  let entries: ReplayEvent[] = []
  let base = start
  const amount: Amount = { events: 0, chars: 0 }
  /** Several clients that come from the same position share the look-up. */
  const reaching = new Map<number, Promise<boolean>>()

  const newest = (): number => entries.at(-1)?.position ?? base
  const holds = (position: number): boolean => position === base || entries.some((entry) => entry.position === position)
  const fits = (more: Amount, messages: number): boolean =>
    amount.events + more.events <= MAX_REPLAY && amount.chars + more.chars <= MAX_CHARS && messages <= MAX_MESSAGES

  const add = (message: FeedMessage, position: number): ReplayEvent['frames'] => {
    const entry = entryOf(message, position)
    entries.push(entry)
    count(amount, entry, 1)
    while (!fits(NOTHING, entries.length)) {
      const oldest = entries.shift()
      if (oldest === undefined) break
      base = oldest.position
      count(amount, oldest, -1)
    }
    return entry.frames
  }

  /** Everything from a position up to `base`. Undefined when there is too much of it, or a part is gone. */
  const readUpToBase = async (position: number): Promise<ReplayEvent[] | undefined> => {
    const found: ReplayEvent[] = []
    let last = position
    const more: Amount = { events: 0, chars: 0 }
    while (last < base) {
      const stored = await feed.next(sessionId, last)
      if (stored === undefined) return undefined
      last = stored.position
      const entry = entryOf(stored.message, last)
      found.push(entry)
      count(more, entry, 1)
      if (!fits(more, entries.length + found.length)) return undefined
    }
    return found
  }

  const look = async (position: number): Promise<boolean> => {
    const known = await feed.next(sessionId, position - 1)
    if (known?.position !== position) return false
    // Another edge sent the newest message first; it will arrive here, too.
    if (position > newest()) return true
    const found = await readUpToBase(position)
    if (position >= base) return holds(position) // read by another client's look-up meanwhile
    if (found === undefined) return false
    const older = found.filter((entry) => entry.position <= base)
    entries = [...older, ...entries]
    base = position
    for (const entry of older) count(amount, entry, 1)
    return true
  }

  return {
    /** The next message of the feed; returns what is sent to clients. */
    add,
    /**
     * Reads back what is missing between a client's position and what is here. False when the position is none of this
     * session's, lies too far back, or the feed cannot be read. Never rejects.
     */
    reach: (position: number): Promise<boolean> => {
      if (position >= base && position <= newest()) return Promise.resolve(holds(position))
      const known = reaching.get(position)
      if (known !== undefined) return known
      const work = withDeadline(look(position), REACH_MS, 'the feed is slow')
        .catch((err: unknown) => {
          logger.warn({ err, sessionId }, 'feed not read back')
          return false
        })
        .finally(() => reaching.delete(position))
      reaching.set(position, work)
      return work
    },
    /** What came after a position that `reach` found; undefined when it is too far back by now. */
    since: (position: number): readonly ReplayEvent[] | undefined => {
      if (position < base) return undefined
      return position === base ? entries : entries.filter((entry) => entry.position > position)
    },
  }
}
