import type { Player } from '../../game/session/admission.ts'
import { type Database, type Query, sql } from '../database.ts'
import { feedOutbox } from '../outbox/messages.ts'
import type { DueSession, NewSession, Sessions } from '../ports.ts'
import { createJoinCodes } from './join-codes.ts'
import { lockedSession } from './locked-session.ts'
import { SESSION_COLUMNS, type SessionRow, sessionFromRow } from './session-row.ts'
import { createShownQuestions } from './shown-questions.ts'

/** A join code that another live session has makes this insert nothing at all. */
const INSERT_SESSION = sql(
  'insert-session',
  `WITH session AS (
     INSERT INTO sessions (id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count,
                           created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'lobby', $7, $8, $9, $10, $11)
     ON CONFLICT (join_code) WHERE status NOT IN ('finished', 'cancelled') DO NOTHING
     RETURNING id
   ), deck AS (
     INSERT INTO session_questions (session_id, index, question_id, kind, option_order, key, points, time_limit_ms)
     SELECT session.id, card.index, card."questionId", card.kind, card."optionOrder", card.key, card.points,
            card."timeLimitMs"
       FROM session, jsonb_to_recordset($12::jsonb) AS card (
              index integer, "questionId" uuid, kind text, "optionOrder" smallint[], key jsonb, points integer,
              "timeLimitMs" integer)
   )
   INSERT INTO outbox (session_id, subject, payload)
   SELECT session.id, $13, $14 FROM session
   RETURNING id`,
)

const FIND_SESSION = sql('find-session', `SELECT ${SESSION_COLUMNS} FROM sessions WHERE id = $1`)

const LOCK_SESSION = sql('lock-session', `SELECT ${SESSION_COLUMNS} FROM sessions WHERE id = $1 FOR UPDATE`)

const QUESTION_IDS = sql(
  'question-ids',
  'SELECT question_id FROM session_questions WHERE session_id = $1 ORDER BY index',
)

const ROSTER = sql(
  'roster',
  `SELECT id AS "playerId", nickname FROM players WHERE session_id = $1 AND id = ANY ($2::uuid[])`,
)

/** Everybody begins with generation 1. */
const GENERATIONS = sql(
  'generations',
  `SELECT id AS "playerId", generation FROM players WHERE session_id = $1 AND generation > 1 LIMIT 10000`,
)

const PLAYER_COUNTS = sql('player-counts', 'SELECT id, player_count FROM sessions WHERE id = ANY ($1::uuid[])')

const PHASE_EPOCHS = sql(
  'phase-epochs',
  `SELECT id, (state ->> 'phaseEpoch')::integer AS phase_epoch FROM sessions WHERE id = ANY ($1::uuid[])`,
)

const DUE_SESSIONS = sql(
  'due-sessions',
  `SELECT id AS "sessionId", (state ->> 'phaseEpoch')::integer AS "phaseEpoch"
     FROM sessions
    WHERE due_at < $1
    ORDER BY due_at
    LIMIT $2`,
)

export const createSessions = (database: Database): Sessions => {
  const { query } = database
  const shownQuestions = createShownQuestions()
  return {
    create: (session) => insertSession(query, session),

    find: async (sessionId) => {
      const [row] = await query<SessionRow>(FIND_SESSION, [sessionId])
      return row === undefined ? undefined : sessionFromRow(row)
    },

    idOfJoinCode: createJoinCodes(query),

    locked: (sessionId, step) =>
      database.transaction(async (inside) => {
        const [row] = await inside<SessionRow>(LOCK_SESSION, [sessionId])
        return row === undefined ? undefined : step(lockedSession(inside, sessionFromRow(row), shownQuestions))
      }),

    questions: (sessionId, indexes) => shownQuestions(query, sessionId, indexes),

    questionIds: async (sessionId) => {
      const rows = await query<{ readonly question_id: string }>(QUESTION_IDS, [sessionId])
      return rows.map(({ question_id }) => question_id)
    },

    roster: (sessionId, playerIds) => query<Pick<Player, 'playerId' | 'nickname'>>(ROSTER, [sessionId, playerIds]),

    generations: (sessionId) => query<Pick<Player, 'playerId' | 'generation'>>(GENERATIONS, [sessionId]),

    playerCounts: async (sessionIds) => {
      const rows = await query<{ readonly id: string; readonly player_count: number }>(PLAYER_COUNTS, [sessionIds])
      return new Map(rows.map(({ id, player_count }) => [id, player_count]))
    },

    phaseEpochs: async (sessionIds) => {
      const rows = await query<{ readonly id: string; readonly phase_epoch: number }>(PHASE_EPOCHS, [sessionIds])
      return new Map(rows.map(({ id, phase_epoch }) => [id, phase_epoch]))
    },

    due: (before, limit) => query<DueSession>(DUE_SESSIONS, [new Date(before), limit]),
  }
}

const insertSession = async (query: Query, session: NewSession): Promise<boolean> => {
  const { sessionId, state, createdAt } = session
  const created = feedOutbox({ session, questions: [] }, { type: 'created' }, createdAt)
  const rows = await query(INSERT_SESSION, [
    sessionId,
    session.quizId,
    session.hostId,
    session.title,
    session.joinCode,
    JSON.stringify(state),
    state.epoch,
    JSON.stringify(session.settings),
    session.seed,
    session.questionCount,
    new Date(createdAt),
    JSON.stringify(session.deck),
    created.subject,
    created.payload,
  ])
  return rows.length > 0
}
