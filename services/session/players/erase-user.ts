import { type Database, sql } from '../database.ts'
import type { createErasureNews } from './lobby.ts'

/** What is known of a person as a player of one session. */
export interface Trace {
  readonly sessionId: string
  readonly playerId: string
}

/** What is left of it. */
export interface ErasedTrace extends Trace {
  /** That of the tokens that are void now is smaller. */
  readonly generation: number
  /** Joined players of the session now. */
  readonly playerCount: number
}

export interface Erasure {
  readonly traces: readonly Trace[]
  /** Quizzes and sessions of this user as a host, which are not touched. */
  readonly hosted: { readonly quizzes: number; readonly sessions: number }
}

const FIND = sql(
  'person-find',
  `SELECT session_id AS "sessionId", id AS "playerId" FROM players WHERE user_id = $1 ORDER BY joined_at, id`,
)

const HOSTED = sql(
  'person-hosted',
  `SELECT (SELECT count(*)::integer FROM quizzes WHERE host_id = $1) AS quizzes,
          (SELECT count(*)::integer FROM sessions WHERE host_id = $1) AS sessions`,
)

/** Players change under the lock of their session only. */
const LOCK = sql('person-lock', 'SELECT id FROM sessions WHERE id = $1 FOR UPDATE')

/** A key of its own, longer than any nickname: it must stay unique, and must not keep the nickname taken. */
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

export const createPersonStore = ({ query, transaction }: Database) => ({
  find: async (userId: string): Promise<Erasure> => {
    const traces = await query<Trace>(FIND, [userId])
    const [hosted] = await query<{ readonly quizzes: number; readonly sessions: number }>(HOSTED, [userId])
    return { traces, hosted: hosted ?? { quizzes: 0, sessions: 0 } }
  },
  /** Idempotent; undefined when there is nothing left to erase. */
  erase: (sessionId: string, userId: string): Promise<ErasedTrace | undefined> =>
    transaction(async (inside) => {
      await inside(LOCK, [sessionId])
      const [erased] = await inside<ErasedTrace>(ERASE, [sessionId, userId])
      return erased
    }),
})

/**
 * Erases a person: the nickname and who the player was. Everything that was played stays, under an id that cannot be traced
 * back; ledgers, totals and boards never held anything else. The player's tokens are void afterwards, and a seat in a
 * session that is not over is free. Calls `onErased` after each session.
 */
export const createEraseUser =
  ({
    persons,
    news,
  }: {
    readonly persons: ReturnType<typeof createPersonStore>
    readonly news: ReturnType<typeof createErasureNews>
  }) =>
  async (
    userId: string,
    options: { readonly dryRun: boolean; readonly onErased: (trace: Trace) => void },
  ): Promise<Erasure> => {
    const erasure = await persons.find(userId)
    for (const trace of erasure.traces) {
      if (!options.dryRun) {
        const erased = await persons.erase(trace.sessionId, userId)
        if (erased !== undefined) news.announce(erased)
      }
      options.onErased(trace)
    }
    return erasure
  }
