import type { SessionRule } from '../../game/scoring/totals.ts'
import type { Card } from '../../game/session/prepare-questions.ts'
import type { Tally } from '../../game/session/state.ts'
import { normaliseText } from '../../game/text.ts'
import { type Database, type Query, sql } from '../database.ts'

export interface PlayerStanding {
  readonly playerId: string
  readonly nickname: string
  readonly joinOrder: number
  /** Points of the ledger without bonus. */
  readonly points: number
  readonly rule: SessionRule
  /** One character per question, '1' for full credit. */
  readonly correct: string
  readonly correctAnswers: number
  readonly correctMs: number
}

export interface LedgerAnswer {
  readonly playerId: string
  readonly questionIndex: number
  readonly choices: readonly number[]
  readonly text: string | undefined
  readonly correct: boolean
  readonly points: number
  readonly elapsedMs: number
}

/** All answers to one question. */
export interface QuestionStats {
  readonly tally: Tally
  /** Answers with full credit. */
  readonly correctCount: number
  /** Absent without answers. */
  readonly meanElapsedMs: number | undefined
}

/** What of a question is needed to count its answers. */
export type Countable = Pick<Card, 'index' | 'questionId' | 'kind' | 'optionOrder'>

export interface LedgerResults {
  /** Of all players who were not removed. */
  readonly standings: readonly PlayerStanding[]
  /** Of these players, in order of the questions; none when there are too many for one reply. */
  readonly answers: readonly LedgerAnswer[]
  /** One for each question asked for, in the same order. */
  readonly questions: readonly QuestionStats[]
}

/** What was scored. Written by the scorer, read here. */
export interface Ledger {
  tally(sessionId: string, question: Countable): Promise<Tally>
  /** Everything of the same moment. */
  results(sessionId: string, questions: readonly Countable[]): Promise<LedgerResults>
}

const STANDINGS = sql(
  'standings',
  `SELECT players.id AS "playerId", players.nickname, players.join_order AS "joinOrder",
          coalesce(totals.points, 0) AS points,
          json_build_object('name', totals.rule, 'version', totals.rule_version,
                            'streakBonus', coalesce(totals.streak_bonus, false)) AS rule,
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

/** Per question: all answers (neither choice nor text), answers per option, answers per text. */
const QUESTION_STATS = sql(
  'question-stats',
  `SELECT question_id, NULL::smallint AS choice, NULL AS answer_text, count(*) AS answers,
          avg(elapsed_ms)::float8 AS mean_elapsed_ms,
          count(*) FILTER (WHERE credit_numerator = credit_denominator) AS correct
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[])
    GROUP BY question_id
    UNION ALL
   SELECT question_id, choice, NULL, count(*), NULL, 0
     FROM ledger, unnest(choices) AS choice
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[])
    GROUP BY question_id, choice
    UNION ALL
   SELECT question_id, NULL, answer_text, count(*), NULL, 0
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[]) AND answer_text IS NOT NULL
    GROUP BY question_id, answer_text`,
)

/** Different texts that a reveal names. */
const MAX_TEXTS = 10

export const createLedger = (database: Database): Ledger => ({
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

interface StatsRow {
  readonly question_id: string
  readonly choice: number | null
  readonly answer_text: string | null
  readonly answers: number
  readonly mean_elapsed_ms: number | null
  readonly correct: number
}

const questionStats = async (
  query: Query,
  sessionId: string,
  questions: readonly Countable[],
): Promise<readonly QuestionStats[]> => {
  const ids = questions.map(({ questionId }) => questionId)
  const rowsOf = Map.groupBy(await query<StatsRow>(QUESTION_STATS, [sessionId, ids]), (row) => row.question_id)

  return questions.map((question) => {
    const rows = rowsOf.get(question.questionId) ?? []
    const total = rows.find(({ choice, answer_text }) => choice === null && answer_text === null)
    const picked = new Map(rows.map(({ choice, answers }) => [choice, answers]))
    return {
      tally: {
        answerCount: total?.answers ?? 0,
        optionCounts: Array.from({ length: optionCount(question) }, (_, option) => picked.get(option) ?? 0),
        textCounts: mostFrequent(rows),
      },
      correctCount: total?.correct ?? 0,
      meanElapsedMs: total?.mean_elapsed_ms ?? undefined,
    }
  })
}

const optionCount = ({ kind, optionOrder }: Countable): number => (kind === 'true_false' ? 2 : optionOrder.length)

const mostFrequent = (rows: readonly StatsRow[]) => {
  const counts = new Map<string, number>()
  for (const { answer_text, answers } of rows) {
    if (answer_text === null) continue
    const text = normaliseText(answer_text)
    counts.set(text, (counts.get(text) ?? 0) + answers)
  }
  return Array.from(counts, ([text, count]) => ({ text, count }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, MAX_TEXTS)
}
