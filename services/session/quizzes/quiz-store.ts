import { type Database, sql } from '../database.ts'
import type { Quiz, Quizzes, StoredQuestion } from '../ports.ts'

const INSERT_QUIZ = sql(
  'insert-quiz',
  `WITH quiz AS (
     INSERT INTO quizzes (id, host_id, title, created_at) VALUES ($1, $2, $3, $4) RETURNING id
   )
   INSERT INTO questions (id, quiz_id, position, kind, prompt, options, correct, points, time_limit_seconds, difficulty,
                          explanation, media_url)
   SELECT q."questionId", quiz.id, q.position, q.kind, q.prompt, q.options, q.correct, q.points, q."timeLimitSeconds",
          q.difficulty, q.explanation, q."mediaUrl"
     FROM quiz, jsonb_to_recordset($5::jsonb) AS q (
            "questionId" uuid, position integer, kind text, prompt text, options text[], correct jsonb, points integer,
            "timeLimitSeconds" integer, difficulty text, explanation text, "mediaUrl" text)`,
)

const FIND_QUIZ = sql(
  'find-quiz',
  `SELECT z.host_id, z.title, z.created_at, q.id, q.kind, q.prompt, q.options, q.correct, q.points, q.time_limit_seconds,
          q.difficulty, q.explanation, q.media_url
     FROM quizzes z
     JOIN questions q ON q.quiz_id = z.id
    WHERE z.id = $1
    ORDER BY q.position`,
)

interface Row {
  readonly host_id: string
  readonly title: string
  readonly created_at: Date
  readonly id: string
  readonly kind: StoredQuestion['kind']
  readonly prompt: string
  readonly options: readonly string[]
  readonly correct: unknown
  readonly points: number | null
  readonly time_limit_seconds: number | null
  readonly difficulty: StoredQuestion['difficulty'] | null
  readonly explanation: string | null
  readonly media_url: string | null
}

export const createQuizzes = ({ query }: Database): Quizzes => ({
  create: async ({ quizId, hostId, title, createdAt, questions }) => {
    const rows = questions.map((question, position) => ({ ...question, position }))
    await query(INSERT_QUIZ, [quizId, hostId, title, new Date(createdAt), JSON.stringify(rows)])
  },

  find: async (quizId): Promise<Quiz | undefined> => {
    const rows = await query<Row>(FIND_QUIZ, [quizId])
    const [first] = rows
    if (first === undefined) return undefined
    const { host_id: hostId, title, created_at: createdAt } = first
    return { quizId, hostId, title, createdAt: createdAt.getTime(), questions: rows.map(questionFromRow) }
  },
})

const questionFromRow = (row: Row): StoredQuestion =>
  // Kind and key were checked together when the question was stored.
  ({
    questionId: row.id,
    kind: row.kind,
    prompt: row.prompt,
    options: row.options,
    correct: row.correct,
    points: row.points ?? undefined,
    timeLimitSeconds: row.time_limit_seconds ?? undefined,
    difficulty: row.difficulty ?? undefined,
    explanation: row.explanation ?? undefined,
    mediaUrl: row.media_url ?? undefined,
  }) as StoredQuestion
