import pg from 'pg'
import { newId } from '#platform/ids'

export type QuestionRow = {
  readonly kind?: string
  /** Default: option 0 is right. */
  readonly key?: unknown
  readonly points?: number
  readonly timeLimitMs?: number
}

export type SessionRows = {
  readonly sessionId: string
  /** In the order of play. */
  readonly questionIds: readonly string[]
  /** In the order of joining, which begins with 1. */
  readonly playerIds: readonly string[]
}

/** Inserts what `session` would: a quiz, a session of it in mid-game, its questions and its players. */
export const insertSession = async (
  databaseUrl: string,
  options: {
    readonly questions?: readonly QuestionRow[]
    readonly players?: number
    readonly settings?: Readonly<Record<string, unknown>>
  } = {},
): Promise<SessionRows> => {
  const { questions = [{}, {}, {}], players = 3, settings = { scoring: 'speed', streakBonus: false } } = options
  const [quizId, sessionId] = [newId(), newId()]
  const questionIds = questions.map(() => newId())
  const playerIds = Array.from({ length: players }, () => newId())
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, query_timeout: 30_000 })
  await client.connect()
  try {
    await client.query(`INSERT INTO quizzes (id, host_id, title) VALUES ($1, 'host', 'Quiz')`, [quizId])
    await client.query(
      `INSERT INTO questions (id, quiz_id, position, kind, prompt, correct)
       SELECT id, $2, position, kind, 'Prompt', '0'
       FROM unnest($1::uuid[], $3::text[]) WITH ORDINALITY AS q (id, kind, position)`,
      [questionIds, quizId, questions.map(({ kind = 'single_choice' }) => kind)],
    )
    await client.query(
      `INSERT INTO sessions (id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count,
         next_join_order, player_count)
       VALUES ($1, $2, 'host', 'Quiz', $3, '{}', 'question_open', 3, $4, 1, $5, $6 + 1, $6)`,
      [sessionId, quizId, sessionId.slice(-6), settings, questions.length, players],
    )
    await client.query(
      `INSERT INTO session_questions (session_id, index, question_id, kind, key, points, time_limit_ms)
       SELECT $1, index - 1, question_id, kind, key, points, time_limit_ms
       FROM unnest($2::uuid[], $3::text[], $4::jsonb[], $5::int[], $6::int[]) WITH ORDINALITY
         AS q (question_id, kind, key, points, time_limit_ms, index)`,
      [
        sessionId,
        questionIds,
        questions.map(({ kind = 'single_choice' }) => kind),
        questions.map(({ key = { options: [0] } }) => JSON.stringify(key)),
        questions.map(({ points = 1_000 }) => points),
        questions.map(({ timeLimitMs = 20_000 }) => timeLimitMs),
      ],
    )
    await client.query(
      `INSERT INTO players (id, session_id, nickname, nickname_key, join_order)
       SELECT id, $1, 'Player ' || place, 'player ' || place, place FROM unnest($2::uuid[]) WITH ORDINALITY AS p (id, place)`,
      [sessionId, playerIds],
    )
  } finally {
    await client.end()
  }
  return { sessionId, questionIds, playerIds }
}
