import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { checkQuiz, type Question, type QuestionInput } from '../../game/question.ts'
import type { RequestName } from '../../game/session/admission.ts'
import { type Database, type Query, sql } from '../database.ts'
import type { Idempotency } from '../idempotency.ts'
import type { IdGenerator } from '../sessions/id-generator.ts'
import { type Actor, authorize, authorizeOn, requireId } from '../sessions/permissions.ts'

export type StoredQuestion = Question & { readonly questionId: string }

export interface Quiz {
  readonly quizId: string
  readonly hostId: string
  readonly title: string
  readonly createdAt: number
  /** In the order of the quiz. */
  readonly questions: readonly StoredQuestion[]
}

export type QuizStore = ReturnType<typeof createQuizStore>

/**
 * Stores a quiz and returns its id.
 * @throws PodiumError `forbidden`, `malformed` with every fault, `idempotency-key-reused`
 */
export const createCreateQuiz =
  ({
    quizzes,
    idempotency,
    ids,
    clock,
  }: {
    readonly quizzes: QuizStore
    readonly idempotency: Idempotency
    readonly ids: Pick<IdGenerator, 'id'>
    readonly clock: Clock
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly title: string
    readonly questions: readonly QuestionInput[]
    readonly once: RequestName | undefined
  }): Promise<string> => {
    const actor = authorize('quiz.create', input.actor)
    const checked = checkQuiz(input.title, input.questions)
    if (!checked.ok) throw new PodiumError('malformed', { errors: checked.errors })
    const quizId = ids.id()
    const quiz = {
      quizId,
      hostId: actor.userId,
      title: checked.value.title,
      createdAt: clock.now(),
      questions: checked.value.questions.map((question) => ({ ...question, questionId: ids.id() })),
    }
    const made = await idempotency.once(input.once, { quizId }, (inside) => quizzes.create(quiz, inside))
    return made?.result.quizId ?? quizId
  }

/** The quiz with its keys, for the host who made it. @throws PodiumError `forbidden`, `not-found` */
export const createGetQuiz =
  ({ quizzes }: { readonly quizzes: QuizStore }) =>
  async (input: { readonly actor: Actor | undefined; readonly quizId: string }): Promise<Quiz> => {
    const actor = authorize('quiz.read', input.actor)
    return authorizeOn('quiz.read', actor, await quizzes.find(requireId(input.quizId)))
  }

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

export const createQuizStore = ({ query }: Pick<Database, 'query'>) => ({
  create: async ({ quizId, hostId, title, createdAt, questions }: Quiz, inside: Query): Promise<true> => {
    const rows = questions.map((question, position) => ({ ...question, position }))
    await inside(INSERT_QUIZ, [quizId, hostId, title, new Date(createdAt), JSON.stringify(rows)])
    return true
  },

  find: async (quizId: string): Promise<Quiz | undefined> => {
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
    correct: row.correct ?? undefined,
    points: row.points ?? undefined,
    timeLimitSeconds: row.time_limit_seconds ?? undefined,
    difficulty: row.difficulty ?? undefined,
    explanation: row.explanation ?? undefined,
    mediaUrl: row.media_url ?? undefined,
  }) as StoredQuestion
