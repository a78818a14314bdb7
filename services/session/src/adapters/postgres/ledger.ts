import type { Countable, Ledger, LedgerAnswer, PlayerStanding, QuestionStats } from '../../app/ports.ts'
import { normaliseText } from '../../domain/text.ts'
import { type Database, type Query, sql } from './database.ts'

const ANSWER_COUNT = sql(
  'answer-count',
  'SELECT answer_count FROM question_progress WHERE session_id = $1 AND question_index = $2',
)

const STANDINGS = sql(
  'standings',
  `SELECT players.id AS "playerId", players.nickname, players.join_order AS "joinOrder",
          coalesce(totals.points, 0) AS points, coalesce(totals.streak_bonus, false) AS "streakBonus",
          coalesce(totals.correct::text, '') AS correct, coalesce(totals.correct_answers, 0) AS "correctAnswers",
          coalesce(totals.correct_ms, 0) AS "correctMs"
     FROM players
     LEFT JOIN totals ON totals.session_id = players.session_id AND totals.player_id = players.id
    WHERE players.session_id = $1 AND players.status <> 'removed'`,
)

const ANSWERS = sql(
  'answers',
  `SELECT ledger.player_id, ledger.question_index, ledger.choices, ledger.answer_text,
          ledger.credit_numerator = ledger.credit_denominator AS correct, ledger.points, ledger.elapsed_ms
     FROM ledger
     JOIN players ON players.id = ledger.player_id
    WHERE ledger.session_id = $1 AND players.status <> 'removed'
    ORDER BY ledger.player_id, ledger.question_index
    LIMIT $2`,
)

/** Single answers that fit into one reply; a session with more of them has results without. */
const MAX_ANSWERS = 250_000

const QUESTION_TOTALS = sql(
  'question-totals',
  `SELECT question_id, count(*) AS answers, avg(elapsed_ms)::float8 AS mean_elapsed_ms,
          count(*) FILTER (WHERE credit_numerator = credit_denominator) AS correct
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[])
    GROUP BY question_id`,
)

const OPTION_COUNTS = sql(
  'option-counts',
  `SELECT question_id, choice, count(*) AS answers
     FROM ledger, unnest(choices) AS choice
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[])
    GROUP BY question_id, choice`,
)

const TEXT_COUNTS = sql(
  'text-counts',
  `SELECT question_id, answer_text, count(*) AS answers
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[]) AND answer_text IS NOT NULL
    GROUP BY question_id, answer_text`,
)

/** Different texts that a reveal names. */
const MAX_TEXTS = 10

export const createLedger = (database: Database): Ledger => ({
  answerCount: async (sessionId, questionIndex) => {
    const rows = await database.query<{ readonly answer_count: number }>(ANSWER_COUNT, [sessionId, questionIndex])
    return rows[0]?.answer_count ?? 0
  },

  tally: async (sessionId, question) => {
    const [stats] = await questionStats(database.query, sessionId, [question])
    return stats?.tally ?? { answerCount: 0, optionCounts: [], textCounts: [] }
  },

  results: (sessionId, questions) =>
    database.transaction(
      async (query) => ({
        standings: await query<PlayerStanding>(STANDINGS, [sessionId]),
        answers: await answersOf(query, sessionId),
        questions: await questionStats(query, sessionId, questions),
      }),
      'repeatable read',
    ),
})

interface AnswerRow {
  readonly player_id: string
  readonly question_index: number
  readonly choices: readonly number[]
  readonly answer_text: string | null
  readonly correct: boolean
  readonly points: number
  readonly elapsed_ms: number
}

const answersOf = async (query: Query, sessionId: string): Promise<readonly LedgerAnswer[]> => {
  const rows = await query<AnswerRow>(ANSWERS, [sessionId, MAX_ANSWERS + 1])
  if (rows.length > MAX_ANSWERS) return []
  return rows.map((row) => ({
    playerId: row.player_id,
    questionIndex: row.question_index,
    choices: row.choices,
    text: row.answer_text ?? undefined,
    correct: row.correct,
    points: row.points,
    elapsedMs: row.elapsed_ms,
  }))
}

interface CountRow {
  readonly question_id: string
  readonly answers: number
}

const questionStats = async (
  query: Query,
  sessionId: string,
  questions: readonly Countable[],
): Promise<readonly QuestionStats[]> => {
  const values = [sessionId, questions.map(({ questionId }) => questionId)]
  const totals = await query<CountRow & { readonly mean_elapsed_ms: number; readonly correct: number }>(
    QUESTION_TOTALS,
    values,
  )
  const options = await query<CountRow & { readonly choice: number }>(OPTION_COUNTS, values)
  const texts = await query<CountRow & { readonly answer_text: string }>(TEXT_COUNTS, values)
  const totalsOf = new Map(totals.map((row) => [row.question_id, row]))
  const optionsOf = Map.groupBy(options, (row) => row.question_id)
  const textsOf = Map.groupBy(texts, (row) => row.question_id)

  return questions.map((question) => {
    const total = totalsOf.get(question.questionId)
    const picked = new Map(optionsOf.get(question.questionId)?.map(({ choice, answers }) => [choice, answers]))
    return {
      tally: {
        answerCount: total?.answers ?? 0,
        optionCounts: Array.from({ length: optionCount(question) }, (_, option) => picked.get(option) ?? 0),
        textCounts: mostFrequent(textsOf.get(question.questionId) ?? []),
      },
      correctCount: total?.correct ?? 0,
      meanElapsedMs: total?.mean_elapsed_ms,
    }
  })
}

const optionCount = ({ kind, optionOrder }: Countable): number => (kind === 'true_false' ? 2 : optionOrder.length)

const mostFrequent = (rows: readonly { readonly answer_text: string; readonly answers: number }[]) => {
  const counts = new Map<string, number>()
  for (const { answer_text, answers } of rows) {
    const text = normaliseText(answer_text)
    counts.set(text, (counts.get(text) ?? 0) + answers)
  }
  return Array.from(counts, ([text, count]) => ({ text, count }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, MAX_TEXTS)
}
