import { type Database, sql } from '../database.ts'
import type { ErasedTrace, PersonStore, Trace } from './erase-user.ts'

const FIND = sql(
  'person-find',
  `SELECT session_id AS "sessionId", id AS "playerId" FROM players WHERE user_id = $1 ORDER BY joined_at, id`,
)

const HOSTED = sql(
  'person-hosted',
  `SELECT (SELECT count(*)::integer FROM quizzes WHERE host_id = $1) AS quizzes,
          (SELECT count(*)::integer FROM sessions WHERE host_id = $1) AS sessions`,
)

/** Who changes players holds the lock of their session. */
const LOCK = sql('person-lock', 'SELECT id FROM sessions WHERE id = $1 FOR UPDATE')

/** A key of its own, longer than any nickname: it must stay unique, and keeps nobody from using the nickname. */
const ERASE = sql(
  'person-erase',
  `WITH before AS (
     SELECT players.id, players.status = 'joined' AND sessions.status NOT IN ('finished', 'cancelled') AS seated
       FROM players
       JOIN sessions ON sessions.id = players.session_id
      WHERE players.session_id = $1 AND players.user_id = $2
   ), erased AS (
     UPDATE players
        SET user_id = NULL, nickname = '', nickname_key = 'erased ' || players.id, generation = generation + 1,
            status = CASE WHEN before.seated THEN 'left' ELSE status END
       FROM before
      WHERE players.id = before.id
     RETURNING players.id, generation
   ), seats AS (
     UPDATE sessions
        SET player_count = player_count - (SELECT count(*) FROM before WHERE seated)
      WHERE id = $1
     RETURNING player_count
   )
   SELECT $1 AS "sessionId", erased.id AS "playerId", erased.generation, seats.player_count AS "playerCount"
     FROM erased, seats`,
)

export const createPersonStore = ({ query, transaction }: Database): PersonStore => ({
  find: async (userId) => {
    const traces = await query<Trace>(FIND, [userId])
    const [hosted] = await query<{ readonly quizzes: number; readonly sessions: number }>(HOSTED, [userId])
    return { traces, hosted: hosted ?? { quizzes: 0, sessions: 0 } }
  },
  erase: (sessionId, userId) =>
    transaction(async (inside) => {
      await inside(LOCK, [sessionId])
      const [erased] = await inside<ErasedTrace>(ERASE, [sessionId, userId])
      return erased
    }),
})
