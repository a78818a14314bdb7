import { fromBinary } from '@bufbuild/protobuf'
import { FeedMessageSchema } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import { METRICS } from '#platform/contract/names'
import { subjects } from '#platform/contract/subjects'
import { failpoint } from '#platform/failpoint'
import type { Logger } from '#platform/logger'
import type { Publisher } from '#platform/publisher'
import type { Telemetry } from '#platform/telemetry'
import { LATE_ANNOUNCEMENT_MS } from '../../game/session/timing.ts'
import { type Database, sql } from '../database.ts'

/** A committed message that is not known to be published. */
export interface OutboxRow {
  readonly id: number
  readonly subject: string
  readonly payload: Buffer
}

/** Ids of one session are in the order of its commits: rows are written under the lock of the session's row. */
const WAITING = sql(
  'outbox-waiting',
  'SELECT id, subject, payload FROM outbox WHERE session_id = $1 ORDER BY id LIMIT $2',
)

const DELETE = sql('outbox-delete', 'DELETE FROM outbox WHERE id = ANY ($1::bigint[])')

const FIND_STALE = sql(
  'outbox-stale-sessions',
  'SELECT session_id FROM outbox WHERE created_at < now() - $1::interval GROUP BY session_id LIMIT $2',
)

/** The table of committed messages: Postgres, or memory in tests of interleavings. */
export interface OutboxTable {
  /** The session's oldest messages, in order. */
  waiting(sessionId: string, limit: number): Promise<readonly OutboxRow[]>
  delete(ids: readonly number[]): Promise<void>
  /** Sessions with messages that have waited for so long that no process may be publishing them. */
  staleSessions(olderThanMs: number, limit: number): Promise<readonly string[]>
}

export const createOutboxTable = ({ query }: Database): OutboxTable => ({
  waiting: (sessionId, limit) => query<OutboxRow>(WAITING, [sessionId, limit]),
  delete: async (ids) => {
    await query(DELETE, [ids])
  },
  staleSessions: async (olderThanMs, limit) => {
    const rows = await query<{ readonly session_id: string }>(FIND_STALE, [`${olderThanMs} milliseconds`, limit])
    return rows.map(({ session_id }) => session_id)
  },
})

/** Messages that were committed with a change and have to be published. */
export interface Outbox {
  /**
   * Publishes what the session has waiting, in order. Never rejects: what fails now is published later, and then the result
   * is false.
   */
  flush(sessionId: string): Promise<boolean>
  /** Publishes what was left behind. */
  sweep(): Promise<void>
  /**
   * Called when the message by which a question opens was stored long after its opening, with the epoch of the message. A flush
   * ends after it.
   */
  onLate(listener: (sessionId: string, epoch: number) => Promise<unknown>): void
}

const PAGE = 100
/** Messages that wait for longer than this are taken over: the process that committed them has died or could not publish. */
const STALE_MS = 1_000
const MAX_STALE_SESSIONS = 200

/**
 * Publishes committed messages of a session in the order of their ids. Each is published only when all before it are
 * stored, and is deleted only then, so the first copy of every message reaches the stream in order whichever process publishes,
 * and however often: repetitions are dropped by their message id. No lock is held while the stream is asked, so a process that
 * is suspended holds up no other.
 */
export const createOutbox = ({
  table,
  publisher,
  clock,
  logger,
  telemetry,
}: {
  readonly table: OutboxTable
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
}): Outbox => {
  const takenOver = telemetry.metrics.counter(METRICS.outboxTakenOver)

  let whenLate: (sessionId: string, epoch: number) => Promise<unknown> = async () => undefined

  /** The epoch of the newest message of a late opening, if there is one. */
  const publish = async (sessionId: string, rows: readonly OutboxRow[]): Promise<number | undefined> => {
    const published: number[] = []
    let late: number | undefined
    try {
      for (const { id, subject, payload } of rows) {
        await publisher.publish(subject, payload, undefined, `outbox-${sessionId}-${id}`)
        published.push(id)
        // A message that was there already may have been stored in time: the process that did it has not said so.
        if (subject === subjects.feed(sessionId)) late = lateOpening(payload, clock.now()) ?? late
      }
      failpoint('session.after-publish')
      return late
    } finally {
      if (published.length > 0) await table.delete(published)
    }
  }

  const drain = async (sessionId: string): Promise<number | undefined> => {
    for (let late: number | undefined; ; ) {
      const rows = await table.waiting(sessionId, PAGE)
      if (rows.length > 0) late = (await publish(sessionId, rows)) ?? late
      if (rows.length < PAGE) return late
    }
  }

  /** One drain of a session at a time; calls during it share the next one, which sees their messages. */
  const running = new Map<string, { readonly now: Promise<number | undefined>; next?: Promise<number | undefined> }>()
  const drainOnce = (sessionId: string): Promise<number | undefined> => {
    const busy = running.get(sessionId)
    if (busy !== undefined) {
      busy.next ??= busy.now.catch(() => undefined).then(() => drainOnce(sessionId))
      return busy.next
    }
    const now = drain(sessionId).finally(() => running.delete(sessionId))
    running.set(sessionId, { now })
    return now
  }

  const publishAll = async (sessionId: string): Promise<void> => {
    const late = await drainOnce(sessionId)
    if (late !== undefined) await whenLate(sessionId, late)
  }

  return {
    onLate: (listener) => {
      whenLate = listener
    },

    flush: async (sessionId) => {
      try {
        await publishAll(sessionId)
        return true
      } catch (err) {
        logger.warn({ err, sessionId }, 'messages not published yet')
        return false
      }
    },

    sweep: async () => {
      for (const sessionId of await table.staleSessions(STALE_MS, MAX_STALE_SESSIONS)) {
        await publishAll(sessionId)
        takenOver.add()
        logger.info({ sessionId }, 'published messages that were left behind')
      }
    },
  }
}

/** The epoch of a FEED message by which a question opens at a time that is over by now. */
const lateOpening = (payload: Uint8Array, now: number): number | undefined => {
  const { epoch, event, state } = fromBinary(FeedMessageSchema, payload)
  switch (event?.event.case) {
    case 'questionOpened':
    case 'questionExtended':
    case 'sessionResumed': {
      const isLate = state?.question !== undefined && state.question.opensAtMs + LATE_ANNOUNCEMENT_MS < now
      return isLate && state.status === 'question_open' ? epoch : undefined
    }
    default:
      return undefined
  }
}
