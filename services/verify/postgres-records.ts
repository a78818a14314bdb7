import { createHash } from 'node:crypto'
import pg from 'pg'
import type { LedgerRow, PlayerRecord, QuestionTerms, SessionTerms, StoredTotals } from './records.ts'

const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 60_000
const PAGE = 10_000

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
  /** When a session was over; undefined while it is not, or if there is none. */
  finishedAt(sessionId: string): Promise<Date | undefined>
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
  totals: `SELECT join_order AS "joinOrder", version, points, correct_answers AS "correctAnswers",
      correct_ms::float8 AS "correctMs", answered::text, correct::text, rule, rule_version AS "ruleVersion",
      streak_bonus AS "streakBonus"
    FROM totals WHERE session_id = $1`,
  progress: `SELECT question_index AS index, answer_count AS count, question_id AS "questionId",
      points_possible AS "pointsPossible", time_limit_ms AS "timeLimitMs", rule, rule_version AS "ruleVersion",
      round(extract(epoch FROM first_received_at) * 1000)::float8 AS "firstReceivedAtMs"
    FROM question_progress WHERE session_id = $1`,
  board: 'SELECT epoch FROM boards WHERE session_id = $1',
  // The id is given as it is, so that no other partition than the session's is opened.
  ledger: `SELECT join_order AS "joinOrder", question_index AS "questionIndex", encode(answer_id, 'hex') AS "answerId", answer,
      credit % 128 AS "creditNumerator", credit / 128 AS "creditDenominator", timing % 1048576 AS "elapsedMs",
      timing / 1048576 AS "delayMs", points,
      received_low_ms AS "receivedLowMs"
    FROM ledger WHERE session_id = $1 AND (join_order, question_index) > ($2, $3::smallint)
    ORDER BY join_order, question_index LIMIT $4`,
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
    finishedAt: async (sessionId) => {
      const sql = 'SELECT finished_at AS "finishedAt" FROM sessions WHERE id = $1'
      const [session] = await query<{ finishedAt: Date | null }>(sql, [sessionId])
      return session?.finishedAt ?? undefined
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
  const progress = await query<ProgressRow>(select.progress, [sessionId])
  const players = await query<PlayerRecord>(select.players, [sessionId])
  const totals = await query<StoredTotals>(select.totals, [sessionId])
  const [board] = await query<{ epoch: number }>(select.board, [sessionId])
  const playerIds = new Map(players.map(({ joinOrder, playerId }) => [joinOrder, playerId]))
  /** Of a number that no player has the number itself, which then shows in the report. */
  const playerIdOf = (joinOrder: number) => playerIds.get(joinOrder) ?? `player number ${joinOrder}`
  const terms = new Map(progress.map((question) => [question.index, question]))

  for (let after = [0, -1], found: StoredRow[] = []; ; after = lastOf(found)) {
    found = await query<StoredRow>(select.ledger, [sessionId, ...after, page])
    for (const row of found) onRow(ledgerRow(row, playerIdOf(row.joinOrder), terms.get(row.questionIndex)))
    if (found.length < page) break
  }
  return {
    session,
    questions: await query(select.questions, [sessionId]),
    players,
    totals: totals.map((row) => ({ ...row, playerId: playerIdOf(row.joinOrder) })),
    progress: new Map(progress.map(({ index, count }) => [index, count])),
    boardEpoch: board?.epoch,
  }
}

interface ProgressRow
  extends Pick<LedgerRow, 'questionId' | 'pointsPossible' | 'timeLimitMs' | 'rule' | 'ruleVersion'> {
  readonly index: number
  readonly count: number
  readonly firstReceivedAtMs: number
}

interface StoredRow
  extends Pick<
    LedgerRow,
    | 'joinOrder'
    | 'questionIndex'
    | 'answerId'
    | 'creditNumerator'
    | 'creditDenominator'
    | 'elapsedMs'
    | 'delayMs'
    | 'points'
  > {
  readonly answer: string
  readonly receivedLowMs: number
}

/** The order of the primary key. */
const lastOf = (rows: readonly StoredRow[]): [number, number] => {
  const last = rows.at(-1)
  return last === undefined ? [0, -1] : [last.joinOrder, last.questionIndex]
}

/** A row of the ledger with what stands once per question; a question that was never written down fails every check. */
const ledgerRow = (
  { answer, receivedLowMs, answerId, ...row }: StoredRow,
  playerId: string,
  question: ProgressRow | undefined,
): LedgerRow => {
  const {
    firstReceivedAtMs = 0,
    questionId = '',
    pointsPossible = 0,
    timeLimitMs = 0,
    rule = '',
    ruleVersion = 0,
  } = question ?? {}
  return {
    ...row,
    playerId,
    questionId,
    pointsPossible,
    timeLimitMs,
    rule,
    ruleVersion,
    answerId: answerIdOf(answerId),
    choices: /^[=~]/.test(answer) ? [] : Array.from(answer, (digit) => Number.parseInt(digit, 36)),
    text: answer.startsWith('=') ? answer.slice(1) : undefined,
    erased: answer.startsWith('~') ? answer.slice(1) : undefined,
    // Within 24 days of the question's first: the difference of the lower 32 bits, with its sign.
    receivedAtMs: firstReceivedAtMs + ((receivedLowMs - firstReceivedAtMs) | 0),
  }
}

/** What is left of an answer whose text was erased: it is the digest of these two. */
export const digestOf = (answerId: string, text: string): string => {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(answerId)
  const zeros = Buffer.alloc(answerId.length === 15 ? 2 : 1)
  const id = isUuid ? Buffer.from(answerId.replaceAll('-', ''), 'hex') : Buffer.concat([zeros, Buffer.from(answerId)])
  return createHash('sha256').update(id).update(text).digest('hex')
}

/** 16 bytes are a UUID, others zeros and then the characters of the id. */
const answerIdOf = (hex: string): string =>
  hex.length === 32
    ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    : Buffer.from(hex, 'hex').toString('latin1').replace(/^\0+/, '')
