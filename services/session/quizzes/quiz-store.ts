import { type Media, mediaOfUrl } from '../../game/media.ts'
import type { OptionMedia, Question, QuizContent } from '../../game/question.ts'
import { latestTextRule } from '../../game/text.ts'
import { type Database, type Query, sql } from '../database.ts'
import type { Place } from '../paging.ts'

export type StoredQuestion = Question & { readonly questionId: string }

export interface NewQuiz extends QuizContent<StoredQuestion> {
  readonly quizId: string
  readonly hostId: string
  readonly createdAt: number
}

export interface Quiz extends NewQuiz {
  readonly updatedAt: number
  /** 1 when it was made; grows with every change. */
  readonly revision: number
}

/** A quiz in the list of its host. */
export interface ListedQuiz {
  readonly quizId: string
  readonly title: string
  readonly language: string | undefined
  readonly tags: readonly string[]
  readonly questionCount: number
  readonly createdAt: number
  readonly updatedAt: number
}

export type QuizStore = ReturnType<typeof createQuizStore>

/** Questions of the JSON in `questions`, of the quiz and revision that the other parameters name. */
const insertQuestions = (quizId: string, revision: string, questions: string, from = ''): string =>
  `INSERT INTO questions (id, quiz_id, revision, position, kind, prompt, options, correct, points, time_limit_seconds,
                          difficulty, explanation, tags, language, media_url, media, option_media)
   SELECT q."questionId", ${quizId}, ${revision}, q.position, q.kind, q.prompt, q.options, q.correct, q.points,
          q."timeLimitSeconds", q.difficulty, q.explanation, coalesce(q.tags, '{}'), q.language, q.media ->> 'url', q.media,
          q."optionMedia"
     FROM ${from} jsonb_to_recordset(${questions}::jsonb) AS q (
            "questionId" uuid, position integer, kind text, prompt text, options text[], correct jsonb, points integer,
            "timeLimitSeconds" integer, difficulty text, explanation text, tags text[], language text, media jsonb,
            "optionMedia" jsonb)`

const INSERT_QUIZ = sql(
  'insert-quiz',
  `WITH quiz AS (
     INSERT INTO quizzes (id, host_id, title, language, tags, created_at, updated_at, question_count, search_text)
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)
     RETURNING id, revision
   )
   ${insertQuestions('quiz.id', 'quiz.revision', '$9', 'quiz,')}`,
)

const INSERT_QUESTIONS = sql('insert-questions', insertQuestions('$1::uuid', '$2::integer', '$3'))

const FIND_QUIZ = sql(
  'find-quiz',
  `SELECT z.host_id, z.title, z.language AS quiz_language, z.tags AS quiz_tags, z.created_at, z.updated_at, z.revision,
          q.id, q.kind, q.prompt, q.options, q.correct, q.points, q.time_limit_seconds, q.difficulty, q.explanation,
          q.tags, q.language, q.media_url, q.media, q.option_media
     FROM quizzes z
     JOIN questions q ON q.quiz_id = z.id AND q.revision = z.revision
    WHERE z.id = $1 AND z.deleted_at IS NULL
    ORDER BY q.position`,
)

/** Waits for sessions that are being created of the quiz, and those after it wait for this. */
const UPDATE_QUIZ = sql(
  'update-quiz',
  `UPDATE quizzes
      SET title = $3, language = $4, tags = $5, updated_at = $6, question_count = $7, search_text = $8,
          revision = revision + 1
    WHERE id = $1 AND revision = $2 AND deleted_at IS NULL
   RETURNING revision`,
)

/** By a statement of its own, which sees the sessions that the one before has waited for. */
const DELETE_UNUSED_QUESTIONS = sql(
  'delete-unused-questions',
  `DELETE FROM questions
    WHERE quiz_id = $1 AND revision <= $2 AND NOT EXISTS (
            SELECT FROM sessions WHERE quiz_id = $1 AND quiz_revision = questions.revision)`,
)

const HIDE_QUIZ = sql(
  'hide-quiz',
  'UPDATE quizzes SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL RETURNING revision',
)

const DELETE_UNUSED_QUIZ = sql(
  'delete-unused-quiz',
  'DELETE FROM quizzes WHERE id = $1 AND NOT EXISTS (SELECT FROM sessions WHERE quiz_id = $1)',
)

/** Times are stored to the millisecond, so that the place of the last one on a page is exact. */
const QUIZZES_OF_HOST = sql(
  'quizzes-of-host',
  `SELECT id AS "quizId", title, language, tags, question_count AS "questionCount", created_at, updated_at
     FROM quizzes
    WHERE host_id = $1 AND deleted_at IS NULL
      AND ($2::timestamptz IS NULL OR (updated_at, id) < ($2, $3::uuid))
      AND ($4::text IS NULL OR $4 = ANY (tags))
      AND search_text LIKE ALL ($5::text[])
    ORDER BY updated_at DESC, id DESC
    LIMIT $6`,
)

interface QuizRow {
  readonly host_id: string
  readonly title: string
  readonly quiz_language: string | null
  readonly quiz_tags: readonly string[]
  readonly created_at: Date
  readonly updated_at: Date
  readonly revision: number
  readonly id: string
  readonly kind: StoredQuestion['kind']
  readonly prompt: string
  readonly options: readonly string[]
  readonly correct: unknown
  readonly points: number | null
  readonly time_limit_seconds: number | null
  readonly difficulty: StoredQuestion['difficulty'] | null
  readonly explanation: string | null
  readonly tags: readonly string[]
  readonly language: string | null
  readonly media_url: string | null
  readonly media: Media | null
  readonly option_media: OptionMedia | null
}

interface ListedRow {
  readonly quizId: string
  readonly title: string
  readonly language: string | null
  readonly tags: readonly string[]
  readonly questionCount: number
  readonly created_at: Date
  readonly updated_at: Date
}

export const createQuizStore = ({ query, transaction }: Database) => {
  return {
    create: async (quiz: NewQuiz, inside: Query): Promise<true> => {
      const { quizId, hostId, title, language, tags = [], createdAt, questions } = quiz
      const head = [quizId, hostId, title, language ?? null, tags, new Date(createdAt), questions.length]
      await inside(INSERT_QUIZ, [...head, searchText(title), questionRows(questions)])
      return true
    },

    find: async (quizId: string): Promise<Quiz | undefined> => {
      const rows = await query<QuizRow>(FIND_QUIZ, [quizId])
      const [first] = rows
      if (first === undefined) return undefined
      return {
        quizId,
        hostId: first.host_id,
        title: first.title,
        language: first.quiz_language ?? undefined,
        tags: first.quiz_tags,
        createdAt: first.created_at.getTime(),
        updatedAt: first.updated_at.getTime(),
        revision: first.revision,
        questions: rows.map(questionFromRow),
      }
    },

    /** Returns false, with nothing changed, when the quiz is in another revision than `quiz` was made of, or deleted. */
    replace: (quiz: Omit<Quiz, 'hostId' | 'createdAt'>): Promise<boolean> =>
      transaction(async (inside) => {
        const { quizId, revision, title, language, tags, updatedAt, questions } = quiz
        const values = [quizId, revision, title, language ?? null, tags ?? [], new Date(updatedAt), questions.length]
        const changed = await inside(UPDATE_QUIZ, [...values, searchText(title)])
        if (changed.length === 0) return false
        await inside(INSERT_QUESTIONS, [quizId, revision + 1, questionRows(questions)])
        await inside(DELETE_UNUSED_QUESTIONS, [quizId, revision])
        return true
      }),

    /** Sessions of it keep their questions. */
    delete: (quizId: string): Promise<void> =>
      transaction(async (inside) => {
        const [hidden] = await inside<{ readonly revision: number }>(HIDE_QUIZ, [quizId])
        if (hidden === undefined) return
        await inside(DELETE_UNUSED_QUESTIONS, [quizId, hidden.revision])
        await inside(DELETE_UNUSED_QUIZ, [quizId])
      }),

    /** Quizzes of a host before `before`, newest change first. */
    ofHost: async (host: {
      readonly hostId: string
      readonly words: readonly string[]
      readonly tag: string | undefined
      readonly before: Place | undefined
      readonly limit: number
    }): Promise<readonly ListedQuiz[]> => {
      const { hostId, words, tag, before, limit } = host
      const changedBefore = before === undefined ? null : new Date(before.at)
      const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
      const values = [hostId, changedBefore, before?.id ?? null, tag ?? null, patterns, limit]
      const rows = await query<ListedRow>(QUIZZES_OF_HOST, values)
      return rows.map(({ created_at, updated_at, language, ...row }) => ({
        ...row,
        language: language ?? undefined,
        createdAt: created_at.getTime(),
        updatedAt: updated_at.getTime(),
      }))
    },
  }
}

const questionRows = (questions: readonly StoredQuestion[]): string =>
  JSON.stringify(questions.map((question, position) => ({ ...question, position })))

/** Case, accents that are written apart, and kinds of quotes do not matter. */
export const searchText = latestTextRule

const questionFromRow = (row: QuizRow): StoredQuestion =>
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
    tags: row.tags,
    language: row.language ?? undefined,
    media: mediaFromRow(row),
    optionMedia: row.option_media ?? undefined,
  }) as StoredQuestion

/** Questions of earlier versions have an address only. */
export const mediaFromRow = ({ media, media_url }: Pick<QuizRow, 'media' | 'media_url'>): Media | undefined =>
  media ?? (media_url === null ? undefined : mediaOfUrl(media_url))
