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
  /** Of the chosen players, in order of the questions. */
  readonly answers: readonly LedgerAnswer[]
  /** One for each question asked for, in the same order. */
  readonly questions: readonly QuestionStats[]
}

/** What was scored. Written by the scorer, read here. */
export interface Ledger {
  /** Without the answers of players who were removed. */
  tally(sessionId: string, question: Countable, removed: readonly string[]): Promise<Tally>
  /** Everything of the same moment. */
  results(
    sessionId: string,
    questions: readonly Countable[],
    removed: readonly string[],
    /** The players whose answers are wanted. */
    choose: (standings: readonly PlayerStanding[]) => readonly string[],
  ): Promise<LedgerResults>
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
    WHERE ledger.session_id = $1 AND ledger.player_id = ANY ($2::uuid[])
    ORDER BY ledger.player_id, ledger.question_index`,
)

/** Answers with the same content, counted. */
const QUESTION_STATS = sql(
  'question-stats',
  `SELECT question_id, choices, answer_text AS text, count(*) AS count, sum(elapsed_ms)::float8 AS "elapsedMs",
          count(*) FILTER (WHERE credit_numerator = credit_denominator) AS correct
     FROM ledger
    WHERE session_id = $1 AND question_id = ANY ($2::uuid[]) AND player_id <> ALL ($3::uuid[])
    GROUP BY question_id, choices, answer_text`,
)

export const createLedger = (database: Database): Ledger => ({
  tally: async (sessionId, question, removed) => {
    const [stats] = await questionStats(database.query, sessionId, [question], removed)
    return stats?.tally ?? { answerCount: 0, optionCounts: [], textCounts: [] }
  },

  results: (sessionId, questions, removed, choose) =>
    database.transaction(async (query) => {
      const standings = await query<PlayerStanding>(STANDINGS, [sessionId])
      const answers = await answersOf(query, sessionId, choose(standings))
      return {
        standings,
        answers,
        questions: questions.length === 0 ? [] : await questionStats(query, sessionId, questions, removed),
      }
    }, 'repeatable read'),
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

const answersOf = async (
  query: Query,
  sessionId: string,
  playerIds: readonly string[],
): Promise<readonly LedgerAnswer[]> => {
  const rows = await query<AnswerRow>(ANSWERS, [sessionId, playerIds])
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
  removed: readonly string[],
): Promise<readonly QuestionStats[]> => {
  const ids = questions.map(({ questionId }) => questionId)
  const rowsOf = Map.groupBy(await query<StatsRow>(QUESTION_STATS, [sessionId, ids, removed]), (row) => row.question_id)

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
