import { decodeContent, ELAPSED_MS, FULL_CREDIT } from '#platform/contract/codec/ledger-row'
import { type Database, sql } from '../database.ts'
import { type ShownQuestion, type ShownQuestionRow, shownQuestionFromRow } from '../sessions/shown-questions.ts'
import { type PlayerStanding, STANDINGS } from './ledger.ts'

/** An answer of one player, as scored. */
export interface OwnAnswer {
  readonly questionIndex: number
  readonly choices: readonly number[]
  readonly text: string | undefined
  /** 0 to 1. */
  readonly credit: number
  readonly points: number
  readonly elapsedMs: number
}

/** A finished session that a user played. */
export interface PlayedSession {
  readonly sessionId: string
  readonly playerId: string
  readonly title: string
  readonly finishedAt: number
  readonly questionCount: number
  /** Undefined when the final places were not written yet, or answers were scored since. */
  readonly place:
    | { readonly rank: number; readonly score: number; readonly correctAnswers: number; readonly playerCount: number }
    | undefined
}

export interface Mistake extends OwnAnswer {
  readonly sessionId: string
  readonly playerId: string
  readonly title: string
  readonly finishedAt: number
  readonly question: ShownQuestion
  readonly tags: readonly string[]
}

const OWN_PLAYER = sql(
  'own-player',
  `SELECT nickname, join_order AS "joinOrder", status FROM players WHERE session_id = $1 AND id = $2`,
)

/** Denominator and numerator stand in one number. */
const ANSWER_COLUMNS = `l.question_index, l.answer, (l.credit % 128)::float8 / (l.credit / 128) AS credit, l.points, ${ELAPSED_MS} AS elapsed_ms`

const OWN_ANSWERS = sql(
  'own-answers',
  `SELECT ${ANSWER_COLUMNS} FROM ledger l WHERE l.session_id = $1 AND l.join_order = $2 ORDER BY l.question_index`,
)

const ANSWERS_TO = sql(
  'answers-to',
  `SELECT join_order AS "joinOrder", points, ${ELAPSED_MS} AS "elapsedMs", ${FULL_CREDIT} AS correct
     FROM ledger
    WHERE session_id = $1 AND question_index = $2`,
)

const ANSWER_COUNT = `(SELECT coalesce(sum(answer_count), 0) FROM question_progress WHERE session_id = s.id)`

/** From index to index: the user's players, each one's session, and the place in it. */
const PLAYED_SESSIONS = sql(
  'played-sessions',
  `SELECT s.id AS "sessionId", p.id AS "playerId", s.title, s.finished_at, s.question_count AS "questionCount",
          f.rank, f.score, f.correct_answers AS "correctAnswers", s.ranked_players AS "playerCount",
          s.ranked_answers = ${ANSWER_COUNT} AS "isRanked"
     FROM players p
     JOIN sessions s ON s.id = p.session_id AND s.status = 'finished'
     LEFT JOIN final_standings f ON f.session_id = p.session_id AND f.join_order = p.join_order
    WHERE p.user_id = $1 AND p.status <> 'removed' AND ($2::uuid IS NULL OR p.id < $2)
    ORDER BY p.id DESC
    LIMIT $3`,
)

const MISTAKES = sql(
  'mistakes',
  `SELECT s.id AS "sessionId", p.id AS "playerId", s.title, s.finished_at, ${ANSWER_COLUMNS}, s.text_version,
          sq.index, sq.question_id, sq.kind, sq.option_order, sq.key, sq.points AS possible, sq.time_limit_ms,
          q.prompt, q.options, q.explanation, q.media_url, q.media, q.option_media, q.tags
     FROM players p
     JOIN sessions s ON s.id = p.session_id AND s.status = 'finished'
     JOIN ledger l ON l.session_id = p.session_id AND l.join_order = p.join_order
     JOIN session_questions sq ON sq.session_id = p.session_id AND sq.index = l.question_index
     JOIN questions q ON q.id = sq.question_id
     JOIN quizzes z ON z.id = q.quiz_id
    WHERE p.user_id = $1 AND p.status <> 'removed' AND NOT (l.${FULL_CREDIT}) AND sq.kind <> ALL ($2::text[])
      AND ($3::uuid IS NULL OR (p.id <= $3 AND (p.id < $3 OR l.question_index > $4)))
      AND ($5::text IS NULL OR $5 = ANY (q.tags) OR $5 = ANY (z.tags))
    ORDER BY p.id DESC, l.question_index
    LIMIT $6`,
)

const LOCK_RANKING = sql(
  'lock-ranking',
  `SELECT ${ANSWER_COUNT} AS answers FROM sessions s WHERE id = $1 FOR NO KEY UPDATE`,
)

const WRITE_PLACES = sql(
  'write-places',
  `INSERT INTO final_standings (session_id, join_order, rank, score, correct_answers)
   SELECT $1, place.* FROM unnest($2::integer[], $3::integer[], $4::integer[], $5::integer[]) AS place
   ON CONFLICT (session_id, join_order) DO UPDATE
     SET rank = excluded.rank, score = excluded.score, correct_answers = excluded.correct_answers`,
)

const NOTE_RANKING = sql('note-ranking', 'UPDATE sessions SET ranked_answers = $2, ranked_players = $3 WHERE id = $1')

interface AnswerRow {
  readonly question_index: number
  readonly answer: string
  readonly credit: number
  readonly points: number
  readonly elapsed_ms: number
}

const answerFromRow = (row: AnswerRow): OwnAnswer => ({
  questionIndex: row.question_index,
  ...decodeContent(row.answer),
  credit: row.credit,
  points: row.points,
  elapsedMs: row.elapsed_ms,
})

interface PlayedRow {
  readonly sessionId: string
  readonly playerId: string
  readonly title: string
  readonly finished_at: Date
  readonly questionCount: number
  readonly rank: number | null
  readonly score: number
  readonly correctAnswers: number
  readonly playerCount: number
  readonly isRanked: boolean | null
}

/** A player with the place that all of the session's answers give. */
export interface FinalPlace {
  readonly joinOrder: number
  readonly rank: number
  readonly score: number
  readonly correctAnswers: number
}

export type OwnResultsStore = ReturnType<typeof createOwnResultsStore>

/** What one person did: reads of the ledger that begin at a player rather than at a session. */
export const createOwnResultsStore = ({ query, transaction }: Database) => ({
  player: async (sessionId: string, playerId: string) => {
    const [row] = await query<{ readonly nickname: string; readonly joinOrder: number; readonly status: string }>(
      OWN_PLAYER,
      [sessionId, playerId],
    )
    return row
  },

  answers: async (sessionId: string, joinOrder: number): Promise<readonly OwnAnswer[]> =>
    (await query<AnswerRow>(OWN_ANSWERS, [sessionId, joinOrder])).map(answerFromRow),

  /** What each player has earned with a question, which the standings hold as well. */
  answersTo: (sessionId: string, index: number) =>
    query<{
      readonly joinOrder: number
      readonly points: number
      readonly elapsedMs: number
      readonly correct: boolean
    }>(ANSWERS_TO, [sessionId, index]),

  standings: (sessionId: string) => query<PlayerStanding>(STANDINGS, [sessionId]),

  /** Finished sessions of a user before the player `before`, newest first. */
  played: async (userId: string, before: string | undefined, limit: number): Promise<readonly PlayedSession[]> => {
    const rows = await query<PlayedRow>(PLAYED_SESSIONS, [userId, before ?? null, limit])
    return rows.map(({ sessionId, playerId, title, finished_at, questionCount, isRanked, rank, ...place }) => ({
      sessionId,
      playerId,
      title,
      finishedAt: finished_at.getTime(),
      questionCount,
      place: isRanked === true && rank !== null ? { ...place, rank } : undefined,
    }))
  },

  mistakes: async (asked: {
    readonly userId: string
    /** Kinds without a right answer. */
    readonly unscoredKinds: readonly string[]
    readonly after: { readonly playerId: string; readonly index: number } | undefined
    readonly tag: string | undefined
    readonly limit: number
  }): Promise<readonly Mistake[]> => {
    const { userId, unscoredKinds, after, tag, limit } = asked
    const values = [userId, unscoredKinds, after?.playerId ?? null, after?.index ?? null, tag ?? null, limit]
    const rows = await query<MistakeRow>(MISTAKES, values)
    return rows.map((row) => ({
      ...answerFromRow(row),
      sessionId: row.sessionId,
      playerId: row.playerId,
      title: row.title,
      finishedAt: row.finished_at.getTime(),
      question: shownQuestionFromRow({ ...row, points: row.possible }),
      tags: row.tags,
    }))
  },

  /** Writes the final places of a session; `rank` makes them of what its players have when no answer can come between. */
  writePlaces: (sessionId: string, rank: (standings: readonly PlayerStanding[]) => readonly FinalPlace[]) =>
    transaction(async (inside) => {
      const [locked] = await inside<{ readonly answers: string }>(LOCK_RANKING, [sessionId])
      if (locked === undefined) return
      const places = rank(await inside<PlayerStanding>(STANDINGS, [sessionId]))
      const columns = [
        places.map(({ joinOrder }) => joinOrder),
        places.map((place) => place.rank),
        places.map(({ score }) => score),
        places.map(({ correctAnswers }) => correctAnswers),
      ]
      await inside(WRITE_PLACES, [sessionId, ...columns])
      await inside(NOTE_RANKING, [sessionId, locked.answers, places.length])
    }),
})

interface MistakeRow extends AnswerRow, ShownQuestionRow {
  readonly sessionId: string
  readonly playerId: string
  readonly title: string
  readonly finished_at: Date
  /** Points of the question. */
  readonly possible: number
  readonly tags: readonly string[]
}
