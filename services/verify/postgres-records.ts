import pg from 'pg'
import type { LedgerRow, PlayerRecord, QuestionTerms, SessionTerms, StoredTotals } from './records.ts'

const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 60_000
const PAGE = 10_000
const NIL = '00000000-0000-0000-0000-000000000000'

export interface SessionRecords {
  readonly session: SessionTerms
  readonly questions: readonly QuestionTerms[]
  readonly players: readonly PlayerRecord[]
  readonly totals: readonly StoredTotals[]
  readonly progress: ReadonlyMap<number, number>
  /** Epoch of the board; undefined when none was built yet. */
  readonly boardEpoch: number | undefined
}

export interface RecordSource {
  /** Ids of all sessions, oldest first, or of those that were not over at a time. */
  sessionIds(since?: Date): Promise<string[]>
  /**
   * All of a session as of one moment, whatever is written meanwhile; `onRow` gets every ledger row. Undefined when there is
   * no such session.
   */
  read(sessionId: string, onRow: (row: LedgerRow) => void): Promise<SessionRecords | undefined>
  close(): Promise<void>
}

const select = {
  session: `SELECT id AS "sessionId", title, status, (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAtMs",
      host_id AS "hostId", question_count AS "questionCount",
      settings->>'scoring' AS scoring, scoring_version AS "scoringVersion", text_version AS "textVersion", unscored,
      coalesce((settings->>'streakBonus')::boolean, false) AS "streakBonus"
    FROM sessions WHERE id = $1`,
  questions: `SELECT index, question_id AS "questionId", kind, key, points, time_limit_ms AS "timeLimitMs"
    FROM session_questions WHERE session_id = $1`,
  players: `SELECT id AS "playerId", nickname, join_order AS "joinOrder", status FROM players WHERE session_id = $1`,
  totals: `SELECT player_id AS "playerId", join_order AS "joinOrder", version, points, correct_answers AS "correctAnswers",
      correct_ms::float8 AS "correctMs", answered::text, correct::text, rule, rule_version AS "ruleVersion",
      streak_bonus AS "streakBonus"
    FROM totals WHERE session_id = $1`,
  progress: 'SELECT question_index AS index, answer_count AS count FROM question_progress WHERE session_id = $1',
  board: 'SELECT epoch FROM boards WHERE session_id = $1',
  ledger: `SELECT player_id AS "playerId", question_id AS "questionId", question_index AS "questionIndex",
      join_order AS "joinOrder", answer_id AS "answerId", choices, answer_text AS text,
      credit_numerator AS "creditNumerator", credit_denominator AS "creditDenominator", elapsed_ms AS "elapsedMs",
      time_limit_ms AS "timeLimitMs", points_possible AS "pointsPossible", rule, rule_version AS "ruleVersion", points,
      round(extract(epoch FROM received_at) * 1000)::float8 AS "receivedAtMs"
    FROM ledger WHERE session_id = $1 AND (question_id, player_id) > ($2, $3)
    ORDER BY question_id, player_id LIMIT $4`,
} as const

type Query = <T>(sql: string, values?: readonly unknown[]) => Promise<T[]>

/** Reads `page` ledger rows at a time, over up to `connections`. @throws when the server cannot be reached */
export const connectRecords = async (
  databaseUrl: string,
  { page = PAGE, connections = 1 }: { readonly page?: number; readonly connections?: number } = {},
): Promise<RecordSource> => {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'verify',
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  })
  // A connection that breaks while it is idle is replaced.
  pool.on('error', () => undefined)
  const queryOf =
    (client: pg.Pool | pg.PoolClient): Query =>
    async <T>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as T[]
  const query = queryOf(pool)
  try {
    await query('SELECT 1')
  } catch (error) {
    await pool.end()
    throw error
  }

  return {
    sessionIds: async (since) => {
      const sql = `SELECT id FROM sessions WHERE coalesce(finished_at, 'infinity') >= $1 ORDER BY id`
      const rows = await query<{ id: string }>(sql, [since ?? '-infinity'])
      return rows.map(({ id }) => id)
    },
    read: async (sessionId, onRow) => {
      const client = await pool.connect()
      let failed: unknown
      try {
        // One snapshot for all statements, so that an answer scored meanwhile is in all of them or in none.
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        const records = await readSession(queryOf(client), sessionId, onRow, page)
        await client.query('ROLLBACK')
        return records
      } catch (error) {
        failed = error
        throw error
      } finally {
        // One whose transaction may still be open is not used again.
        client.release(failed !== undefined)
      }
    },
    close: () => pool.end(),
  }
}

const readSession = async (
  query: Query,
  sessionId: string,
  onRow: (row: LedgerRow) => void,
  page: number,
): Promise<SessionRecords | undefined> => {
  const [session] = await query<SessionTerms>(select.session, [sessionId])
  if (session === undefined) return undefined
  const progress = await query<{ index: number; count: number }>(select.progress, [sessionId])
  const [board] = await query<{ epoch: number }>(select.board, [sessionId])
  await readLedger(query, sessionId, onRow, page)
  return {
    session,
    questions: await query(select.questions, [sessionId]),
    players: await query(select.players, [sessionId]),
    totals: await query(select.totals, [sessionId]),
    progress: new Map(progress.map(({ index, count }) => [index, count])),
    boardEpoch: board?.epoch,
  }
}

const readLedger = async (
  query: Query,
  sessionId: string,
  onRow: (row: LedgerRow) => void,
  page: number,
): Promise<void> => {
  let after: readonly [string, string] = [NIL, NIL]
  for (;;) {
    const found = await query<LedgerRow & { text: string | null }>(select.ledger, [sessionId, ...after, page])
    for (const row of found) onRow({ ...row, text: row.text ?? undefined })
    const last = found.at(-1)
    if (last === undefined || found.length < page) return
    // The order of the primary key.
    after = [last.questionId, last.playerId]
  }
}
