import type { FeedEntry, FeedLog } from './ports.ts'

/** Events that a returning client gets one by one; whoever missed more starts from a snapshot. */
const MAX_REPLAY = 300

export interface Replay {
  /** What came after `position`, oldest first. */
  readonly entries: readonly FeedEntry[]
  /** Position of the last entry, or where the client was. */
  readonly position: number
}

/**
 * Everything after a position, up to the newest message. Undefined when the position is none of this session's, too
 * much was missed, or the feed cannot be read: then a snapshot is the answer.
 */
export type CollectReplay = (sessionId: string, position: number, newest: number) => Promise<Replay | undefined>

/** Position as clients send it; undefined for what cannot be one. */
export const parsePosition = (text: string): number | undefined =>
  /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined

export const createReplay =
  ({ feed }: { readonly feed: FeedLog }): CollectReplay =>
  async (sessionId, position, newest) => {
    // The newest position is known to be this session's; any other one has to be looked up.
    if (position === newest) return { entries: [], position }
    try {
      const known = await feed.next(sessionId, position - 1)
      if (known?.position !== position) return undefined
      const entries: FeedEntry[] = []
      let last = position
      for (;;) {
        const entry = await feed.next(sessionId, last)
        if (entry === undefined) return { entries, position: last }
        if (entries.length === MAX_REPLAY) return undefined
        entries.push(entry)
        last = entry.position
      }
    } catch {
      return undefined // the feed is away; a snapshot needs no feed
    }
  }
