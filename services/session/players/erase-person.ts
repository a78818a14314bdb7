import { type Database, sql } from '../database.ts'
import type { PlayerCount } from '../sessions/session.ts'
import type { createErasureNews } from './lobby.ts'

/** What is known of a person as a player of one session. */
export interface Trace {
  readonly sessionId: string
  readonly playerId: string
}

/** What is left of it. */
export interface ErasedTrace extends Trace, PlayerCount {
  /** That of the tokens that are void now is smaller. */
  readonly generation: number
}

export interface Erasure {
  readonly traces: readonly Trace[]
  /** Quizzes and sessions of this user as a host, which are not touched. */
  readonly hosted: { readonly quizzes: number; readonly sessions: number }
}

/** A user with an account, wherever it played, or one player of one session: a guest. */
export type Person = { readonly userId: string } | { readonly playerId: string }

const FIND = sql(
  'person-find',
  `SELECT session_id AS "sessionId", id AS "playerId" FROM players WHERE user_id = $1 OR id = $2 ORDER BY joined_at, id`,
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
      WHERE players.session_id = $1 AND players.id = $2
   ), erased AS (
     UPDATE players
        SET user_id = NULL, nickname = '', nickname_key = 'erased ' || players.id, generation = generation + 1,
            status = CASE WHEN before.seated THEN 'left' ELSE status END
       FROM before
      WHERE players.id = before.id
     RETURNING players.id, generation, erase_typed_answers(session_id, ARRAY[join_order])
   ), seats AS (
     UPDATE sessions
        SET player_count = player_count - (SELECT count(*) FROM before WHERE seated)
      WHERE id = $1
     RETURNING player_count, counted_at
   )
   SELECT $1 AS "sessionId", erased.id AS "playerId", erased.generation, seats.player_count AS "playerCount",
          seats.counted_at AS "countedAt"
     FROM erased, seats`,
)

/** The last reveal of a session that is over stays in its state, and may count texts that were typed. */
const FORGET_TEXTS = `jsonb_set(state, '{revealed,tally,textCounts}', '[]') `
const CLEAR_REVEAL = sql(
  'clear-reveal',
  `UPDATE sessions SET state = ${FORGET_TEXTS}
    WHERE id = $1 AND status IN ('finished', 'cancelled') AND state #> '{revealed,tally,textCounts}' <> '[]'`,
)

/** The same for all players of sessions that have been over since before $1, $2 sessions at a time. */
const ERASE_OLD = sql(
  'erase-old',
  `WITH old AS (
     SELECT id FROM sessions WHERE personal AND finished_at < $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
   ), erased AS (
     UPDATE players SET user_id = NULL, nickname = '', nickname_key = 'erased ' || players.id, generation = generation + 1
       FROM old
      WHERE players.session_id = old.id AND (user_id IS NOT NULL OR nickname <> '')
   ), typed AS (
     SELECT sum(erase_typed_answers(old.id, ARRAY(SELECT join_order FROM players WHERE session_id = old.id))) FROM old
   ), cleared AS (
     UPDATE sessions
        SET personal = false,
            state = CASE WHEN state #> '{revealed,tally,textCounts}' <> '[]' THEN ${FORGET_TEXTS} ELSE state END
       FROM old
      WHERE sessions.id = old.id
   )
   SELECT count(*)::integer AS sessions, (SELECT * FROM typed) FROM old`,
)

const OLD_AT_A_TIME = 20

export const createPersonStore = ({ query, transaction }: Database) => ({
  find: async (person: Person): Promise<Erasure> => {
    const userId = 'userId' in person ? person.userId : null
    const traces = await query<Trace>(FIND, [userId, 'playerId' in person ? person.playerId : null])
    const [hosted] = await query<{ readonly quizzes: number; readonly sessions: number }>(HOSTED, [userId])
    return { traces, hosted: hosted ?? { quizzes: 0, sessions: 0 } }
  },
  /** Idempotent; undefined when there is no such player. */
  erase: ({ sessionId, playerId }: Trace): Promise<ErasedTrace | undefined> =>
    transaction(async (inside) => {
      await inside(LOCK, [sessionId])
      const [erased] = await inside<ErasedTrace>(ERASE, [sessionId, playerId])
      await inside(CLEAR_REVEAL, [sessionId])
      return erased
    }),
  /** Everyone who played in sessions that were over before a time. */
  eraseBefore: async (time: Date): Promise<void> => {
    for (;;) {
      const [done] = await query<{ readonly sessions: number }>(ERASE_OLD, [time, OLD_AT_A_TIME])
      if ((done?.sessions ?? 0) < OLD_AT_A_TIME) return
    }
  },
})

/**
 * Erases a person: the nickname, who the player was, and what was typed, of which a digest stays. Everything else that was
 * played stays, under an id that cannot be traced back; totals and boards never held anything else. The player's tokens are
 * void afterwards, and a seat in a session that is not over is free. Calls `onErased` after each session.
 */
export const createErasePerson =
  ({
    persons,
    news,
  }: {
    readonly persons: ReturnType<typeof createPersonStore>
    readonly news: ReturnType<typeof createErasureNews>
  }) =>
  async (
    person: Person,
    options: { readonly dryRun: boolean; readonly onErased: (trace: Trace) => void },
  ): Promise<Erasure> => {
    const erasure = await persons.find(person)
    for (const trace of erasure.traces) {
      if (!options.dryRun) {
        const erased = await persons.erase(trace)
        if (erased !== undefined) news.announce(erased)
      }
      options.onErased(trace)
    }
    return erasure
  }
