import pg from 'pg'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import { reconcile } from './reconcile.ts'

/** The server, and its timeline: a failover or a restore begins a new one. `known` is null on a new database. */
const HISTORY = `
SELECT (SELECT system_identifier FROM pg_control_system()) || '/' ||
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS present,
  (SELECT history FROM postgres_history) AS known`

const REMEMBER = `
INSERT INTO postgres_history (history) VALUES ($1)
ON CONFLICT (id) DO UPDATE SET history = excluded.history, reconciled_at = now()`

/** The newest question whose answers it has; sessions are played within days after they are made. */
const NEWEST = `
SELECT max(first_received_at) AS newest FROM question_progress WHERE session_id >= first_id_at(now() - interval '3 days')`

/** What was accepted so long before the newest question may still have been on its way into the ledger. */
const MARGIN_MS = 10 * 60_000
/** As long as streams keep answers. */
const ALL_MS = 24 * 60 * 60_000

/**
 * Looks, on every new connection to Postgres and before it is used, whether this is the history that the last look was at.
 * Where it is another one, everything waits until Postgres has been brought up to the streams, by one copy for all.
 */
export const createHistoryCheck = ({
  url,
  nats,
  logger,
}: {
  readonly url: string
  readonly nats: NatsConnection
  readonly logger: Logger
}): ((client: Pick<pg.ClientBase, 'query'>) => Promise<void>) => {
  const read = async (client: Pick<pg.ClientBase, 'query'>) => {
    const { rows } = await client.query<{ present: string; known: string | null }>(HISTORY)
    return rows[0] ?? { present: '', known: null }
  }

  const recover = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'recovery',
      connectionTimeoutMillis: 5_000,
    })
    client.on('error', () => undefined) // shows in the query that was under way
    await client.connect()
    try {
      await client.query(`SELECT pg_advisory_lock(hashtext('recovery'))`)
      const { present, known } = await read(client)
      if (present === known) return
      if (known !== null) {
        const { rows } = await client.query<{ newest: Date | null }>(NEWEST)
        const since = new Date((rows[0]?.newest?.getTime() ?? Date.now() - ALL_MS) - MARGIN_MS)
        logger.warn({ known, present, since }, 'Postgres has another history: bringing it up to the streams')
        const done = await reconcile(client, nats, since)
        logger.warn({ ...done, lostSessions: done.lostSessions.slice(0, 100) }, 'Postgres is up to the streams')
      }
      await client.query(REMEMBER, [present])
    } finally {
      await client.end()
    }
  }

  let recovering: Promise<void> | undefined
  return async (client) => {
    const { present, known } = await read(client)
    if (present === known) return
    recovering ??= recover().finally(() => {
      recovering = undefined
    })
    await recovering.catch((cause: unknown) => {
      logger.error({ err: cause }, 'Postgres could not be brought up to the streams, will be tried again')
      throw new PodiumError('unavailable', { cause })
    })
  }
}
