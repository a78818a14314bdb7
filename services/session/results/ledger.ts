import {
  decodeAnswerId,
  decodeContent,
  decodeReceivedAt,
  ELAPSED_MS,
  FULL_CREDIT,
} from '#platform/contract/codec/ledger-row'
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
export type Countable = Pick<ShownQuestion, 'index' | 'kind' | 'optionOrder' | 'textVersion'>

export interface LedgerResults {
  /** Of all players who were not removed. */
  readonly standings: readonly PlayerStanding[]
  /** Of the chosen players, in order of the questions. */
  readonly answers: readonly LedgerAnswer[]
  /** One for each question asked for, in the same order. */
  readonly questions: readonly QuestionStats[]
}

/** An answer that counts, as edges tell repeats by. */
export interface RecordedAnswer {
  readonly answerId: string
  readonly playerId: string
  readonly choices: readonly number[]
  readonly text: string | undefined
  readonly receivedAtMs: number
}

/** What was scored. Written by the scorer, read here. */
export interface Ledger {
  /** The answer of a player to a question. */
  answer(sessionId: string, questionIndex: number, playerId: string): Promise<RecordedAnswer | undefined>
  /** Who has answered a question, with which answer. */
  answered(sessionId: string, questionIndex: number): Promise<readonly Pick<RecordedAnswer, 'answerId' | 'playerId'>[]>
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

export const STANDINGS = sql(
  'standings',
  `SELECT players.id AS "playerId", players.nickname, players.join_order AS "joinOrder",
          coalesce(totals.points, 0) AS points,
          json_build_object('name', totals.rule, 'version', totals.rule_version,
                            'streakBonus', coalesce(totals.streak_bonus, false)) AS rule,
          coalesce(totals.correct::text, '') AS correct, coalesce(totals.correct_answers, 0) AS "correctAnswers",
          coalesce(totals.correct_ms, 0) AS "correctMs"
     FROM players
     LEFT JOIN totals ON totals.session_id = players.session_id AND totals.join_order = players.join_order
    WHERE players.session_id = $1 AND players.status <> 'removed'`,
)

const ANSWERS = sql(
  'answers',
  `SELECT players.id AS player_id, question_index, answer, ${FULL_CREDIT} AS correct, points, ${ELAPSED_MS} AS elapsed_ms
     FROM ledger
     JOIN players USING (session_id, join_order)
    WHERE session_id = $1 AND players.id = ANY ($2::uuid[])
    ORDER BY join_order, question_index`,
)

const ANSWER = sql(
  'answer',
  `SELECT answer_id AS "answerId", answer, received_low_ms AS "receivedLowMs",
          (extract(epoch FROM first_received_at) * 1000)::float8 AS "nearMs"
     FROM ledger
     JOIN question_progress USING (session_id, question_index)
    WHERE session_id = $1 AND question_index = $2
      AND join_order = (SELECT join_order FROM players WHERE session_id = $1 AND id = $3)`,
)

const ANSWERED = sql(
  'answered',
  `SELECT answer_id AS "answerId", players.id AS "playerId"
     FROM ledger
     JOIN players USING (session_id, join_order)
    WHERE session_id = $1 AND question_index = $2`,
)

/** Answers with the same content, counted. */
const QUESTION_STATS = sql(
  'question-stats',
  `SELECT question_index, answer, count(*) AS count, sum(${ELAPSED_MS})::float8 AS "elapsedMs",
          count(*) FILTER (WHERE ${FULL_CREDIT}) AS correct
     FROM ledger
    WHERE session_id = $1 AND question_index = ANY ($2::smallint[])
      AND join_order <> ALL (ARRAY(SELECT join_order FROM players WHERE session_id = $1 AND id = ANY ($3::uuid[])))
    GROUP BY question_index, answer`,
)

/** This month and the next two; an answer that finds no partition of its month goes into `ledger_other`. */
const PREPARE_MONTHS = sql('prepare-months', `SELECT make_ledger_partitions((now() AT TIME ZONE 'UTC')::date, 3)`)

/** `results`: what whole sessions are read through, so that it keeps nothing else waiting. */
export const createLedger = (database: Database, results: Database): Ledger & { prepareMonths(): Promise<void> } => ({
  prepareMonths: async () => {
    await database.query(PREPARE_MONTHS)
  },

  answer: async (sessionId, questionIndex, playerId) => {
    const [row] = await database.query<RecordedRow>(ANSWER, [sessionId, questionIndex, playerId])
    if (row === undefined) return undefined
    const { answerId, answer, receivedLowMs, nearMs } = row
    const content = decodeContent(answer)
    return {
      answerId: decodeAnswerId(answerId),
      playerId,
      ...content,
      receivedAtMs: decodeReceivedAt(receivedLowMs, nearMs),
    }
  },

  answered: async (sessionId, questionIndex) => {
    const rows = await database.query<{ answerId: Buffer; playerId: string }>(ANSWERED, [sessionId, questionIndex])
    return rows.map(({ answerId, playerId }) => ({ answerId: decodeAnswerId(answerId), playerId }))
  },

  tally: async (sessionId, question, removed) => {
    const [stats] = await questionStats(database.query, sessionId, [question], removed)
    return stats?.tally ?? { answerCount: 0, optionCounts: [], textCounts: [] }
  },

  results: (sessionId, questions, removed, choose) =>
    results.transaction(async (query) => {
      const standings = await query<PlayerStanding>(STANDINGS, [sessionId])
      const answers = await answersOf(query, sessionId, choose(standings))
      return {
        standings,
        answers,
        questions: questions.length === 0 ? [] : await questionStats(query, sessionId, questions, removed),
      }
    }, 'repeatable read'),
})

interface RecordedRow {
  readonly answerId: Buffer
  readonly answer: string
  readonly receivedLowMs: number
  /** When one of the first answers to the question was received. */
  readonly nearMs: number
}

interface AnswerRow {
  readonly player_id: string
  readonly question_index: number
  readonly answer: string
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
    ...decodeContent(row.answer),
    correct: row.correct,
    points: row.points,
    elapsedMs: row.elapsed_ms,
  }))
}

interface StatsRow {
  readonly question_index: number
  readonly answer: string
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
  const indexes = questions.map(({ index }) => index)
  const found = await query<StatsRow>(QUESTION_STATS, [sessionId, indexes, removed])
  const rowsOf = Map.groupBy(found, (row) => row.question_index)

  return questions.map(({ index, kind, optionOrder, textVersion }) => {
    const rows = (rowsOf.get(index) ?? []).map((row) => ({ ...row, ...decodeContent(row.answer) }))
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
