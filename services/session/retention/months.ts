import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { type ArchiveRow, checkArchive, type RowCounts, writeArchive } from './archive.ts'

/** A month of sessions: those whose ids were made in it. */
export interface Month {
  /** 2026-11 */
  readonly name: string
  /** The ids are from the one up to the other. */
  readonly low: string
  readonly high: string
  readonly partition: string
  /** `gone`: archived and dropped, or there never were answers. */
  readonly state: 'attached' | 'detached' | 'gone'
  readonly sessions: number
}

const ROWS_AT_A_TIME = 5_000
const SESSIONS_AT_A_TIME = 200
/** A session that moved lately is being played, whatever its age. */
const PLAYED_WITHIN = '7 days'

/** Whose rows go with a session, in the order in which they are archived. */
const TABLES: readonly {
  readonly name: string
  readonly columns: string
  readonly key: string
  readonly order: string
}[] = [
  // Without the host, players' users and nicknames: an archive names no person.
  {
    name: 'sessions',
    columns: `id, quiz_id, quiz_revision, title, status, epoch, settings, seed, question_count, scoring_version, text_version, unscored,
      created_at, started_at, finished_at`,
    key: 'id',
    order: 'id',
  },
  { name: 'session_questions', columns: '*', key: 'session_id', order: 'session_id, index' },
  {
    name: 'players',
    columns: 'id, session_id, join_order, status, joined_at',
    key: 'session_id',
    order: 'session_id, join_order',
  },
  { name: 'totals', columns: '*', key: 'session_id', order: 'session_id, join_order' },
  { name: 'question_progress', columns: '*', key: 'session_id', order: 'session_id, question_index' },
]

/** Months that ended so many months ago, oldest first, of which there is anything left. */
export const expiredMonths = async (client: pg.Client, keepMonths: number): Promise<readonly Month[]> => {
  const { rows } = await client.query(
    `WITH known AS (
       SELECT id AS first FROM sessions WHERE uuid_extract_version(id) = 7 ORDER BY id LIMIT 1
     ), bounds AS (
       SELECT least(
           (SELECT date_trunc('month', uuid_extract_timestamp(first) AT TIME ZONE 'UTC') FROM known),
           (SELECT min(to_date(substr(relname, 8), 'YYYY_MM')) FROM pg_class
             WHERE relname ~ '^ledger_\\d{4}_\\d{2}$' AND relkind = 'r')
         ) AS first,
         date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => $1 + 1) AS last
     )
     SELECT to_char(month, 'YYYY-MM') AS name, first_id_at(month AT TIME ZONE 'UTC') AS low,
       first_id_at((month + interval '1 month') AT TIME ZONE 'UTC') AS high, 'ledger_' || to_char(month, 'YYYY_MM') AS partition
     FROM bounds, generate_series(first, last, interval '1 month') AS month ORDER BY month`,
    [keepMonths],
  )
  const months: Month[] = []
  for (const row of rows) {
    const { rows: found } = await client.query(
      `SELECT (SELECT count(*)::int FROM sessions WHERE id >= $1 AND id < $2) AS sessions,
         (SELECT relispartition FROM pg_class WHERE oid = to_regclass($3)) AS attached`,
      [row.low, row.high, row.partition],
    )
    const { sessions, attached } = found[0]
    const state = attached === null ? 'gone' : attached ? 'attached' : 'detached'
    if (state !== 'gone' || sessions > 0) months.push({ ...row, state, sessions })
  }
  return months
}

/**
 * Detaches the month from the ledger, writes its file and reads it again, then drops everything of it. May be repeated after it
 * failed or was killed anywhere. Returns what the file holds.
 * @throws Error with a sentence; what was not dropped is still there
 */
export const archiveMonth = async (
  client: pg.Client,
  month: Month,
  folder: string,
  progress: (what: string) => void,
): Promise<{ readonly file: string; readonly rows: RowCounts }> => {
  await refuseIfPlayed(client, month)
  await detach(client, month)
  const file = join(folder, `podium-${month.name}.jsonl.gz`)
  // Written before a crash: the file is whole, and rows may be dropped already.
  if (!existsSync(file)) {
    progress('writing')
    await writeArchive(file, month.name, rowsOf(client, month, progress))
  }
  progress('checking the file')
  const { month: name, rows } = await checkArchive(file)
  if (name !== month.name) throw new Error(`${file} is the archive of ${name}`)
  await refuseIfMore(client, month, file, rows)
  await drop(client, month, progress)
  return { file, rows }
}

const refuseIfPlayed = async (client: pg.Client, { name, low, high }: Month): Promise<void> => {
  const { rows } = await client.query(
    `SELECT id FROM sessions WHERE id >= $1 AND id < $2 AND status NOT IN ('finished', 'cancelled')
       AND (due_at > now() - interval '${PLAYED_WITHIN}' OR started_at > now() - interval '${PLAYED_WITHIN}') LIMIT 1`,
    [low, high],
  )
  if (rows.length > 0) throw new Error(`session ${rows[0].id} of ${name} is being played; end it first`)
}

/** With the rows that ledger_other has of the month. */
const detach = async (client: pg.Client, { low, high, partition, name }: Month): Promise<void> => {
  await client.query(`SELECT make_ledger_partitions($1, 1)`, [`${name}-01`])
  await inTransaction(client, async () => {
    const { rows } = await client.query('SELECT relispartition FROM pg_class WHERE oid = to_regclass($1)', [partition])
    if (rows[0].relispartition) await client.query(`ALTER TABLE ledger DETACH PARTITION ${partition}`)
    await client.query(
      `WITH late AS (DELETE FROM ledger_other WHERE session_id >= $1 AND session_id < $2 RETURNING *)
       INSERT INTO ${partition} SELECT * FROM late ON CONFLICT DO NOTHING`,
      [low, high],
    )
  })
}

/** All of one moment. */
const rowsOf = async function* (
  client: pg.Client,
  { low, high, partition }: Month,
  progress: (what: string) => void,
): AsyncGenerator<ArchiveRow> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    const ledger = { name: 'ledger', columns: '*', key: 'session_id', order: 'session_id, join_order, question_index' }
    for (const { name, columns, key, order } of [...TABLES, ledger]) {
      const from = name === 'ledger' ? partition : name
      await client.query(
        `DECLARE archived NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS row FROM (
           SELECT ${columns} FROM ${from} WHERE ${key} >= '${low}' AND ${key} < '${high}' ORDER BY ${order}) AS r`,
      )
      for (let count = 0; ; ) {
        const { rows } = await client.query<{ row: string }>(`FETCH ${ROWS_AT_A_TIME} FROM archived`)
        for (const { row } of rows) yield { table: name, row }
        if (rows.length < ROWS_AT_A_TIME) break
        count += rows.length
        progress(`writing ${name}, ${count} rows`)
      }
      await client.query('CLOSE archived')
    }
  } finally {
    await client.query('ROLLBACK')
  }
}

/** After a restore from a backup a month may be there again, and not be what its file holds. */
const refuseIfMore = async (
  client: pg.Client,
  { low, high, partition }: Month,
  file: string,
  archived: RowCounts,
): Promise<void> => {
  for (const [name, table, key] of [
    ['ledger', partition, 'session_id'],
    ['sessions', 'sessions', 'id'],
  ] as const) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS rows FROM ${table} WHERE ${key} >= $1 AND ${key} < $2`,
      [low, high],
    )
    if (rows[0].rows > (archived[name] ?? 0)) {
      throw new Error(
        `${file} holds ${archived[name] ?? 0} rows of ${name}, the database ${rows[0].rows}; move the file away to write it again`,
      )
    }
  }
}

/** The ledger's table last: while it is there, the month is not done. */
const drop = async (
  client: pg.Client,
  { low, high, partition }: Month,
  progress: (what: string) => void,
): Promise<void> => {
  for (let count = 0; ; ) {
    // Their players and questions go with them.
    const { rowCount } = await client.query(
      'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3)',
      [low, high, SESSIONS_AT_A_TIME],
    )
    if (!rowCount) break
    count += rowCount
    progress(`dropped ${count} sessions`)
  }
  for (const table of ['totals', 'question_progress', 'boards', 'outbox']) {
    await client.query(`DELETE FROM ${table} WHERE session_id >= $1 AND session_id < $2`, [low, high])
  }
  await client.query(`DROP TABLE ${partition}`)
}

const inTransaction = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
