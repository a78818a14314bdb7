import { countAnswers } from '../../game/kinds/kinds.ts'
import type { SessionRule } from '../../game/scoring/totals.ts'
import type { Tally } from '../../game/session/state.ts'
import { textRule } from '../../game/text.ts'
import { type Database, type Query, sql } from '../database.ts'
import type { ShownQuestion } from '../sessions/shown-questions.ts'

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
export type Countable = Pick<ShownQuestion, 'index' | 'questionId' | 'kind' | 'optionOrder' | 'textVersion'>

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

/** Answers with the same content, counted. */
const QUESTION_STATS = sql(
  'question-stats',
  `SELECT question_id, choices, answer_text AS text, count(*) AS count, sum(elapsed_ms)::float8 AS "elapsedMs",
          count(*) FILTER (WHERE credit_numerator = credit_denominator) AS correct
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[])
    GROUP BY question_id, choices, answer_text`,
)

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
  readonly choices: readonly number[]
  readonly text: string | null
  readonly count: number
  readonly elapsedMs: number
  readonly correct: number
}

const questionStats = async (
  query: Query,
  sessionId: string,
  questions: readonly Countable[],
): Promise<readonly QuestionStats[]> => {
  const ids = questions.map(({ questionId }) => questionId)
  const rowsOf = Map.groupBy(await query<StatsRow>(QUESTION_STATS, [sessionId, ids]), (row) => row.question_id)

  return questions.map(({ questionId, kind, optionOrder, textVersion }) => {
    const rows = (rowsOf.get(questionId) ?? []).map((row) => ({ ...row, text: row.text ?? undefined }))
    const sum = (value: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((total, row) => total + value(row), 0)
    const answerCount = sum(({ count }) => count)
    return {
      tally: { answerCount, ...countAnswers(kind, rows, optionOrder, textRule(textVersion)) },
      correctCount: sum(({ correct }) => correct),
      meanElapsedMs: answerCount === 0 ? undefined : sum(({ elapsedMs }) => elapsedMs) / answerCount,
    }
  })
}
