import { PodiumError } from '#platform/errors'
import { nicknameKey } from '../../game/nickname.ts'
import type { Player } from '../../game/session/admission.ts'
import { dueAt } from '../../game/session/phase.ts'
import { type Query, sql } from '../database.ts'
import { claimNames, findNamed } from '../idempotency.ts'
import { publicStatus } from './feed-message.ts'
import type { LockedSession, OutboxMessage, PlayerCount, Session } from './session.ts'
import type { ShownQuestions } from './shown-questions.ts'

/** The lock makes the epoch certain; the comparison is what keeps a mistake of ours from overwriting another command. */
const RECORD_MOVE = sql(
  'record-move',
  `WITH moved AS (
     UPDATE sessions
        SET state = $3, status = $4, epoch = $5, due_at = $6, finished_at = $7,
            started_at = CASE WHEN $4 = 'starting' THEN coalesce(started_at, now()) ELSE started_at END
      WHERE id = $1 AND epoch = $2
     RETURNING id
   )
   INSERT INTO outbox (session_id, subject, payload)
   SELECT moved.id, message.subject, message.payload
     FROM moved, unnest($8::text[], $9::bytea[]) WITH ORDINALITY AS message (subject, payload, place)
    ORDER BY message.place
   RETURNING id`,
)

/**
 * One look into an index per user and nickname. Without LIMIT the planner may rather read every player of the session, and
 * keeps such a plan from the time when there were few.
 */
const FIND_PLAYERS = sql(
  'find-players',
  `SELECT found.*
     FROM unnest($2::text[]) AS asked (user_id), LATERAL (
       SELECT id, user_id, nickname, join_order, status, generation
         FROM players WHERE session_id = $1 AND user_id = asked.user_id LIMIT 1) AS found
   UNION
   SELECT found.*
     FROM unnest($3::text[]) AS asked (nickname_key), LATERAL (
       SELECT id, user_id, nickname, join_order, status, generation
         FROM players WHERE session_id = $1 AND nickname_key = asked.nickname_key LIMIT 1) AS found
   UNION
   SELECT id, user_id, nickname, join_order, status, generation
     FROM players WHERE session_id = $1 AND id = ANY ($4::uuid[])`,
)

const PLAYER_COUNT = 'player_count AS "playerCount", counted_at AS "countedAt"'

/** One statement lets a whole batch in: counters, new players, returning players, and the message to the board. */
const SEAT_PLAYERS = sql(
  'seat-players',
  `WITH counters AS (
     UPDATE sessions SET next_join_order = next_join_order + $2, player_count = player_count + $3 WHERE id = $1
     RETURNING ${PLAYER_COUNT}
   ), joined AS (
     INSERT INTO players (session_id, id, user_id, nickname, nickname_key, join_order, generation)
     SELECT $1, fresh.*
       FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[]) AS fresh
   ), back AS (
     UPDATE players
        SET status = 'joined', generation = again.generation
       FROM unnest($10::uuid[], $11::integer[]) AS again (id, generation)
      WHERE players.id = again.id
   ), messages AS (
     INSERT INTO outbox (session_id, subject, payload)
     SELECT $1, message.subject, message.payload FROM unnest($12::text[], $13::bytea[]) AS message (subject, payload)
   )
   SELECT * FROM counters`,
)

const FIND_PLAYER = sql(
  'find-player',
  'SELECT id, user_id, nickname, join_order, status, generation FROM players WHERE session_id = $1 AND id = $2',
)

const UNSEAT_PLAYERS = sql(
  'unseat-players',
  `WITH counters AS (
     UPDATE sessions SET player_count = player_count - $3 WHERE id = $1
     RETURNING ${PLAYER_COUNT}
   ), gone AS (
     UPDATE players SET status = $4, nickname_key = CASE WHEN $7 THEN id::text ELSE nickname_key END
      WHERE id = ANY ($2::uuid[])
   ), messages AS (
     INSERT INTO outbox (session_id, subject, payload)
     SELECT $1, message.subject, message.payload FROM unnest($5::text[], $6::bytea[]) AS message (subject, payload)
   )
   SELECT * FROM counters`,
)

const EVERYONE_ANSWERED = sql(
  'everyone-answered',
  `SELECT count(*) > 0 AND count(*) = count(ledger.join_order) AS everyone
     FROM players
     LEFT JOIN ledger ON ledger.session_id = players.session_id AND ledger.join_order = players.join_order
                     AND ledger.question_index = $2
    WHERE players.session_id = $1 AND players.status = 'joined'`,
)

interface PlayerRow {
  readonly id: string
  readonly user_id: string | null
  readonly nickname: string
  readonly join_order: number
  readonly status: Player['status']
  readonly generation: number
}

const playerFromRow = (row: PlayerRow): Player => ({
  playerId: row.id,
  userId: row.user_id ?? undefined,
  nickname: row.nickname,
  joinOrder: row.join_order,
  status: row.status,
  generation: row.generation,
})

const columns = (messages: readonly OutboxMessage[]) => [
  messages.map(({ subject }) => subject),
  messages.map(({ payload }) => payload),
]

/** Milliseconds since the epoch as a parameter of a timestamptz. */
export const timestamp = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms))

/** The session of a row that this transaction has locked; `recorded` gets the types of the events that are written. */
export const createLockedSession = (
  query: Query,
  session: Session,
  shownQuestions: ShownQuestions,
  recorded: string[],
): LockedSession => {
  const { sessionId } = session
  return {
    session,

    questions: (indexes) => shownQuestions(query, sessionId, indexes),

    record: async ({ events, state, messages }) => {
      const { phase } = state
      const rows = await query(RECORD_MOVE, [
        sessionId,
        session.state.epoch,
        JSON.stringify(state),
        publicStatus(state),
        state.epoch,
        timestamp(dueAt(state)),
        timestamp('at' in phase ? phase.at : undefined),
        ...columns(messages),
      ])
      if (rows.length === 0) throw new Error(`session ${sessionId} is not in epoch ${session.state.epoch} any more`)
      recorded.push(...events.map(({ type }) => type))
    },

    findPlayer: async (playerId) => {
      const [row] = await query<PlayerRow>(FIND_PLAYER, [sessionId, playerId])
      return row === undefined ? undefined : playerFromRow(row)
    },

    findPlayers: async ({ userIds, nicknameKeys, playerIds }) => {
      const rows = await query<PlayerRow>(FIND_PLAYERS, [sessionId, userIds, nicknameKeys, playerIds])
      return rows.map(playerFromRow)
    },

    findJoins: async (names) => (names.length === 0 ? [] : findNamed(query, names)),

    seat: async ({ joined, returned, resumed, names, messages }) => {
      const back = [...returned, ...resumed]
      const [count] = await query<PlayerCount>(SEAT_PLAYERS, [
        sessionId,
        joined.length,
        joined.length + returned.length,
        joined.map(({ playerId }) => playerId),
        joined.map(({ userId }) => userId ?? null),
        joined.map(({ nickname }) => nickname),
        joined.map(({ nickname }) => nicknameKey(nickname)),
        joined.map(({ joinOrder }) => joinOrder),
        joined.map(({ generation }) => generation),
        back.map(({ playerId }) => playerId),
        back.map(({ generation }) => generation),
        ...columns(messages),
      ])
      if (names.length > 0 && !(await claimNames(query, names))) throw new PodiumError('unavailable')
      return count ?? session
    },

    unseat: async (players, becomes, messages, freesName = false) => {
      const seated = players.filter(({ status }) => status === 'joined').length
      const playerIds = players.map(({ playerId }) => playerId)
      const values = [sessionId, playerIds, seated, becomes, ...columns(messages), freesName]
      const [count] = await query<PlayerCount>(UNSEAT_PLAYERS, values)
      return count ?? session
    },

    everyoneAnswered: async (questionIndex) => {
      const [row] = await query<{ readonly everyone: boolean }>(EVERYONE_ANSWERED, [sessionId, questionIndex])
      return row?.everyone === true
    },
  }
}
