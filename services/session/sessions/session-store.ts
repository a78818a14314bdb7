import { METRICS } from '#platform/contract/names'
import { isId } from '#platform/ids'
import type { Metrics } from '#platform/telemetry'
import type { Player } from '../../game/session/admission.ts'
import { defaultGuestSeats, type Settings } from '../../game/session/settings.ts'
import type { SessionState } from '../../game/session/state.ts'
import { type Database, type Query, sql } from '../database.ts'
import { feedOutbox } from '../outbox/messages.ts'
import { createLockedSession } from './locked-session.ts'
import type {
  Door,
  DueSession,
  ListedPlayer,
  ListedSession,
  NewSession,
  PlayerCount,
  Session,
  SessionStore,
  WatchedQuestion,
} from './session.ts'
import { createShownQuestions } from './shown-questions.ts'

interface SessionRow {
  readonly id: string
  readonly quiz_id: string
  readonly host_id: string
  readonly title: string
  readonly join_code: string
  readonly settings: Settings
  readonly state: SessionState
  readonly question_count: number
  readonly player_count: number
  readonly counted_at: number
  readonly next_join_order: number
  readonly unscored: readonly number[]
}

const SESSION_COLUMNS =
  'id, quiz_id, host_id, title, join_code, settings, state, question_count, player_count, counted_at, next_join_order, unscored'

const sessionFromRow = (row: SessionRow): Session => ({
  sessionId: row.id,
  quizId: row.quiz_id,
  hostId: row.host_id,
  title: row.title,
  joinCode: row.join_code,
  settings: row.settings,
  questionCount: row.question_count,
  playerCount: row.player_count,
  countedAt: row.counted_at,
  nextJoinOrder: row.next_join_order,
  unscored: row.unscored,
  state: row.state,
})

/**
 * A join code that another live session has makes this insert nothing at all, and so does a quiz that was changed meanwhile: the
 * lock keeps its questions until this is committed.
 */
const INSERT_SESSION = sql(
  'insert-session',
  `WITH quiz AS (
     SELECT id, revision FROM quizzes WHERE id = $2 AND revision = $18 AND deleted_at IS NULL FOR SHARE
   ), session AS (
     INSERT INTO sessions (id, quiz_id, quiz_revision, host_id, title, join_code, state, status, epoch, settings, seed,
                           question_count, created_at, scoring_version, text_version, unscored)
     SELECT $1, quiz.id, quiz.revision, $3, $4, $5, $6, 'lobby', $7, $8, $9, $10, $11, $15, $16, $17 FROM quiz
     ON CONFLICT (join_code) WHERE status NOT IN ('finished', 'cancelled') DO NOTHING
     RETURNING id
   ), play_order AS (
     INSERT INTO session_questions (session_id, index, question_id, kind, option_order, key, points, time_limit_ms)
     SELECT session.id, q.index, q."questionId", q.kind, q."optionOrder", q.key, q.points, q."timeLimitMs"
       FROM session, jsonb_to_recordset($12::jsonb) AS q (
              index integer, "questionId" uuid, kind text, "optionOrder" smallint[], key jsonb, points integer,
              "timeLimitMs" integer)
   )
   INSERT INTO outbox (session_id, subject, payload)
   SELECT session.id, $13, $14 FROM session
   RETURNING id`,
)

/** From the index of live join codes, and no more of it than matters. */
const COUNT_LIVE = sql(
  'count-live',
  `SELECT count(*)::integer AS count
     FROM (SELECT 1 FROM sessions WHERE status NOT IN ('finished', 'cancelled') LIMIT $1) AS live`,
)

const FIND_SESSION = sql('find-session', `SELECT ${SESSION_COLUMNS} FROM sessions WHERE id = $1`)

const LOCK_SESSION = sql('lock-session', `SELECT ${SESSION_COLUMNS} FROM sessions WHERE id = $1 FOR UPDATE`)

const QUESTION_IDS = sql(
  'question-ids',
  'SELECT question_id FROM session_questions WHERE session_id = $1 ORDER BY index',
)

const PLAYERS = sql(
  'players',
  `SELECT id AS "playerId", nickname, join_order AS "joinOrder", status, joined_at
     FROM players
    WHERE session_id = $1 AND join_order > $2
    ORDER BY join_order
    LIMIT $3`,
)

const ROSTER = sql(
  'roster',
  `SELECT id AS "playerId", nickname FROM players WHERE session_id = $1 AND id = ANY ($2::uuid[])`,
)

/** Every player begins with generation 1. */
const GENERATIONS = sql(
  'generations',
  `SELECT id AS "playerId", generation, status
     FROM players
    WHERE session_id = $1 AND (generation > 1 OR status = 'left')
    LIMIT 10000`,
)

const PLAYER_COUNTS = sql(
  'player-counts',
  `SELECT id, player_count AS "playerCount", counted_at AS "countedAt" FROM sessions WHERE id = ANY ($1::uuid[])`,
)

/** Times are stored to the millisecond, so that the place of the last one on a page is exact. */
const SESSIONS_OF_HOST = sql(
  'sessions-of-host',
  `SELECT id AS "sessionId", join_code AS "joinCode", quiz_id AS "quizId", title, status, player_count AS "playerCount",
          created_at, started_at, finished_at
     FROM sessions
    WHERE host_id = $1 AND ($2::text IS NULL OR status = $2)
      AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
    ORDER BY created_at DESC, id DESC
    LIMIT $5`,
)

type ListedRow = Omit<ListedSession, 'createdAt' | 'startedAt' | 'finishedAt'> & {
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}

const WATCHED_QUESTIONS = sql(
  'watched-questions',
  `SELECT id AS "sessionId", (state -> 'phase' ->> 'index')::integer AS index, player_count AS "playerCount"
     FROM sessions
    WHERE id = ANY ($1::uuid[]) AND state -> 'phase' ->> 'status' = 'question_open'
      AND (settings ->> 'closeWhenAllAnswered')::boolean`,
)

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

export const createSessionStore = (database: Database, metrics: Metrics): SessionStore => {
  const { query } = database
  const shownQuestions = createShownQuestions()
  const count = (type: string): void => metrics.counter(METRICS.transitions, type).add()
  return {
    create: async (session, inside) => {
      const isCreated = await insertSession(inside, session)
      if (isCreated) count('created')
      return isCreated
    },

    find: async (sessionId) => {
      const [row] = await query<SessionRow>(FIND_SESSION, [sessionId])
      return row === undefined ? undefined : sessionFromRow(row)
    },

    findDoor: createDoors(query),

    countLive: async (most) => {
      const [row] = await query<{ readonly count: number }>(COUNT_LIVE, [most])
      return row?.count ?? 0
    },

    locked: async (sessionId, step) => {
      const recorded: string[] = []
      const result = await database.transaction(async (inside) => {
        const [row] = await inside<SessionRow>(LOCK_SESSION, [sessionId])
        if (row === undefined) return undefined
        return step(createLockedSession(inside, sessionFromRow(row), shownQuestions, recorded))
      })
      for (const type of recorded) count(type)
      return result
    },

    questions: (sessionId, indexes) => shownQuestions(query, sessionId, indexes),

    questionIds: async (sessionId) => {
      const rows = await query<{ readonly question_id: string }>(QUESTION_IDS, [sessionId])
      return rows.map(({ question_id }) => question_id)
    },

    players: async (sessionId, after, limit) => {
      const rows = await query<Omit<ListedPlayer, 'joinedAt'> & { readonly joined_at: Date }>(PLAYERS, [
        sessionId,
        after,
        limit,
      ])
      return rows.map(({ joined_at, ...player }) => ({ ...player, joinedAt: joined_at.getTime() }))
    },

    roster: (sessionId, playerIds) => query<Pick<Player, 'playerId' | 'nickname'>>(ROSTER, [sessionId, playerIds]),

    generations: (sessionId) => query<Pick<Player, 'playerId' | 'generation' | 'status'>>(GENERATIONS, [sessionId]),

    ofHost: async ({ hostId, status, before, limit }) => {
      const createdBefore = before === undefined ? null : new Date(before.at)
      const values = [hostId, status ?? null, createdBefore, before?.id ?? null, limit]
      const rows = await query<ListedRow>(SESSIONS_OF_HOST, values)
      return rows.map(({ created_at, started_at, finished_at, ...row }) => ({
        ...row,
        createdAt: created_at.getTime(),
        startedAt: started_at?.getTime(),
        finishedAt: finished_at?.getTime(),
      }))
    },

    playerCounts: async (sessionIds) => {
      const rows = await query<PlayerCount & { readonly id: string }>(PLAYER_COUNTS, [sessionIds])
      return new Map(rows.map(({ id, ...count }) => [id, count]))
    },

    watchedQuestions: (sessionIds) => query<WatchedQuestion>(WATCHED_QUESTIONS, [sessionIds]),

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
    JSON.stringify(session.questions),
    created.subject,
    created.payload,
    session.scoringVersion,
    session.textVersion,
    session.unscored,
    session.quizRevision,
  ])
  return rows.length > 0
}

const DOOR_COLUMNS = `id AS "sessionId", settings ->> 'access' AS access,
          (settings ->> 'guestSeatsPerAddress')::integer AS "guestSeats", (settings ->> 'maxParticipants')::integer AS seats`

const DOOR_OF_CODE = sql(
  'door-of-code',
  `SELECT ${DOOR_COLUMNS} FROM sessions WHERE join_code = $1 AND status NOT IN ('finished', 'cancelled')`,
)

const DOOR_OF_ID = sql('door-of-id', `SELECT ${DOOR_COLUMNS} FROM sessions WHERE id = $1`)

interface DoorRow extends Pick<Door, 'sessionId' | 'access'> {
  /** NULL in sessions of before. */
  readonly guestSeats: number | null
  readonly seats: number
}

/** A whole class types the same code within seconds; what it stands for hardly ever changes. */
const TTL_MS = 5_000
const MAX_DOORS = 2_000

/** Looks ids and codes up, and remembers for a moment what was found; misses are not remembered. */
export const createDoors = (query: Query): SessionStore['findDoor'] => {
  const known = new Map<string, { readonly door: Promise<Door | undefined>; readonly until: number }>()

  const lookUp = async (idOrCode: string): Promise<Door | undefined> => {
    const [row] = await query<DoorRow>(isId(idOrCode) ? DOOR_OF_ID : DOOR_OF_CODE, [idOrCode])
    if (row === undefined) return undefined
    const { sessionId, access, guestSeats, seats } = row
    return { sessionId, access, guestSeatsPerAddress: guestSeats ?? defaultGuestSeats(seats) }
  }

  return (idOrCode) => {
    const now = performance.now()
    const entry = known.get(idOrCode)
    if (entry !== undefined && entry.until > now) return entry.door
    const door = lookUp(idOrCode)
    // Also while it is being looked up, so that many at once ask once.
    known.delete(idOrCode)
    known.set(idOrCode, { door, until: now + TTL_MS })
    const forget = (): void => {
      if (known.get(idOrCode)?.door === door) known.delete(idOrCode)
    }
    door.then((found) => {
      if (found === undefined) forget()
    }, forget)
    for (const oldest of known.keys()) {
      if (known.size <= MAX_DOORS) break
      known.delete(oldest)
    }
    return door
  }
}
