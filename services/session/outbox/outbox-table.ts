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

const STALE_SESSIONS = sql(
  'outbox-stale-sessions',
  'SELECT session_id FROM outbox WHERE created_at < now() - $1::interval GROUP BY session_id LIMIT $2',
)

/** The table of committed messages. */
export interface OutboxTable {
  /** The session's oldest messages, in order. */
  waiting(sessionId: string, limit: number): Promise<readonly OutboxRow[]>
  delete(ids: readonly number[]): Promise<void>
  /** Sessions with messages that have waited for so long that nobody may be publishing them. */
  staleSessions(olderThanMs: number, limit: number): Promise<readonly string[]>
}

export const createOutboxTable = ({ query }: Database): OutboxTable => ({
  waiting: (sessionId, limit) => query<OutboxRow>(WAITING, [sessionId, limit]),
  delete: async (ids) => {
    await query(DELETE, [ids])
  },
  staleSessions: async (olderThanMs, limit) => {
    const rows = await query<{ readonly session_id: string }>(STALE_SESSIONS, [`${olderThanMs} milliseconds`, limit])
    return rows.map(({ session_id }) => session_id)
  },
})
