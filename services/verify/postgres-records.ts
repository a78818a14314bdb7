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
  /** Ids of all sessions, oldest first. */
  sessionIds(): Promise<string[]>
  /**
   * All of a session as of one moment, whatever is written meanwhile; `onRow` gets every ledger row. Undefined when there is
   * no such session.
   */
  read(sessionId: string, onRow: (row: LedgerRow) => void): Promise<SessionRecords | undefined>
  close(): Promise<void>
}

const select = {
  session: `SELECT id AS "sessionId", title, status, host_id AS "hostId", question_count AS "questionCount",
      settings->>'scoring' AS scoring, scoring_version AS "scoringVersion", text_version AS "textVersion",
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

/** Reads `page` ledger rows at a time. @throws when the server cannot be reached */
export const connectRecords = async (databaseUrl: string, page = PAGE): Promise<RecordSource> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'verify',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  })
  let lost: Error | undefined
  // A connection that breaks while it is idle; the next query fails and says so.
  client.on('error', (error) => {
    lost = error
  })
  await client.connect()

  const rows = async <T>(sql: string, values: readonly unknown[] = []): Promise<T[]> => {
    if (lost !== undefined) throw lost
    return (await client.query(sql, [...values])).rows as T[]
  }

  const readLedger = async (sessionId: string, onRow: (row: LedgerRow) => void): Promise<void> => {
    let after: readonly [string, string] = [NIL, NIL]
    for (;;) {
      const found = await rows<LedgerRow & { text: string | null }>(select.ledger, [sessionId, ...after, page])
      for (const row of found) onRow({ ...row, text: row.text ?? undefined })
      const last = found.at(-1)
      if (last === undefined || found.length < page) return
      // The order of the primary key.
      after = [last.questionId, last.playerId]
    }
  }

  const read = async (sessionId: string, onRow: (row: LedgerRow) => void): Promise<SessionRecords | undefined> => {
    const [session] = await rows<SessionTerms>(select.session, [sessionId])
    if (session === undefined) return undefined
    const progress = await rows<{ index: number; count: number }>(select.progress, [sessionId])
    const [board] = await rows<{ epoch: number }>(select.board, [sessionId])
    await readLedger(sessionId, onRow)
    return {
      session,
      questions: await rows(select.questions, [sessionId]),
      players: await rows(select.players, [sessionId]),
      totals: await rows(select.totals, [sessionId]),
      progress: new Map(progress.map(({ index, count }) => [index, count])),
      boardEpoch: board?.epoch,
    }
  }

  return {
    sessionIds: async () => (await rows<{ id: string }>('SELECT id FROM sessions ORDER BY id')).map(({ id }) => id),
    read: async (sessionId, onRow) => {
      // One snapshot for all statements, so that an answer scored meanwhile is in all of them or in none.
      await rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      try {
        return await read(sessionId, onRow)
      } finally {
        await rows('ROLLBACK')
      }
    },
    close: () => client.end(),
  }
}
