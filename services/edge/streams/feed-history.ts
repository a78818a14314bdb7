import type { FeedMessage } from '#gen/feed_pb'
import type { Logger } from '#platform/logger'
import type { FeedLog } from '../ports.ts'
import { withDeadline } from '../sessions/with-deadline.ts'
import type { Frame } from './frame.ts'
import { feedFrame } from './messages.ts'

/** Events that a returning client gets one by one; whoever missed more starts from a snapshot. */
export const MAX_REPLAY = 300

/** Characters of frames kept for one session. */
const MAX_CHARS = 256 * 1024

/** Longest wait for older messages to be read back; after it a snapshot is the answer. */
const REACH_MS = 2_000

/** One message of the feed, as clients are told of it. */
export interface HistoryEntry {
  readonly position: number
  /** Undefined for what is none of their business; 'podium' for the end, which is told with the board. */
  readonly frame: Frame | 'podium' | undefined
}

/**
 * The newest messages of one session's feed, ready to be told again: when everybody reconnects at once, each message is
 * read back and made into a frame once.
 */
export interface FeedHistory {
  /** The next message of the feed; returns what clients are told of it. */
  add(message: FeedMessage, position: number): HistoryEntry['frame']
  /**
   * Reads back what is missing between a client's position and what is here. False when the position is none of this
   * session's, lies too far back, or the feed cannot be read. Never rejects.
   */
  reach(position: number): Promise<boolean>
  /** What came after a position that `reach` found; undefined when it is too far back by now. */
  since(position: number): readonly HistoryEntry[] | undefined
}

export interface FeedHistoryOptions {
  readonly sessionId: string
  readonly feed: FeedLog
  readonly logger: Logger
  /** Position of the newest message that is not added. */
  readonly start: number
}

/** Position as clients send it; undefined for what cannot be one. */
export const parsePosition = (value: unknown): number | undefined => {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined
}

const entryOf = (message: FeedMessage, position: number): HistoryEntry => ({
  position,
  frame: message.event?.event.case === 'sessionFinished' ? 'podium' : feedFrame(message, position),
})

const charsOf = ({ frame }: HistoryEntry): number => (typeof frame === 'object' ? frame.head.length : 0)

export const createFeedHistory = ({ sessionId, feed, logger, start }: FeedHistoryOptions): FeedHistory => {
  /** Everything after `base`, oldest first. */
  let entries: HistoryEntry[] = []
  let base = start
  let chars = 0
  /** Several clients that come from the same position share the look-up. */
  const reaching = new Map<number, Promise<boolean>>()

  const newest = (): number => entries.at(-1)?.position ?? base
  const holds = (position: number): boolean => position === base || entries.some((entry) => entry.position === position)
  const fits = (count: number, moreChars: number): boolean => count <= MAX_REPLAY && chars + moreChars <= MAX_CHARS

  const add = (message: FeedMessage, position: number): HistoryEntry['frame'] => {
    const entry = entryOf(message, position)
    entries.push(entry)
    chars += charsOf(entry)
    while (!fits(entries.length, 0)) {
      const oldest = entries.shift()
      if (oldest === undefined) break
      base = oldest.position
      chars -= charsOf(oldest)
    }
    return entry.frame
  }

  /** Everything from a position up to `base`. Undefined when there is too much of it, or a part is gone. */
  const readUpToBase = async (position: number): Promise<HistoryEntry[] | undefined> => {
    const found: HistoryEntry[] = []
    let last = position
    let foundChars = 0
    while (last < base) {
      const stored = await feed.next(sessionId, last)
      if (stored === undefined) return undefined
      last = stored.position
      const entry = entryOf(stored.message, last)
      found.push(entry)
      foundChars += charsOf(entry)
      if (!fits(entries.length + found.length, foundChars)) return undefined
    }
    return found
  }

  const look = async (position: number): Promise<boolean> => {
    const known = await feed.next(sessionId, position - 1)
    if (known?.position !== position) return false
    // Another edge was quicker with the newest message; it will come here, too.
    if (position > newest()) return true
    const found = await readUpToBase(position)
    if (position >= base) return holds(position) // somebody else has read it meanwhile
    if (found === undefined) return false
    const older = found.filter((entry) => entry.position <= base)
    entries = [...older, ...entries]
    base = position
    chars += older.reduce((sum, entry) => sum + charsOf(entry), 0)
    return true
  }

  return {
    add,
    reach: (position) => {
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
    since: (position) => {
      if (position < base) return undefined
      return position === base ? entries : entries.filter((entry) => entry.position > position)
    },
  }
}
