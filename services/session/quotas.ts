import { PodiumError } from '#platform/errors'
import { type Database, sql } from './database.ts'

export interface QuotaLimits {
  /** Sessions of one host that are not over. */
  readonly liveSessions: number
  readonly quizzes: number
}

/** What one host may have, so that one account cannot fill the database or use up the join codes. */
export type Quotas = ReturnType<typeof createQuotas>

const LIVE_SESSIONS = sql(
  'live-sessions-of-host',
  `SELECT count(*)::integer AS count FROM sessions WHERE host_id = $1 AND status NOT IN ('finished', 'cancelled')`,
)

const QUIZZES = sql(
  'count-quizzes-of-host',
  'SELECT count(*)::integer AS count FROM quizzes WHERE host_id = $1 AND deleted_at IS NULL',
)

/** Two requests at the same moment may both pass: a quota is a fence, not an account. */
export const createQuotas = ({ query }: Pick<Database, 'query'>, limits: QuotaLimits) => {
  const check = async (quota: keyof QuotaLimits, statement: typeof QUIZZES, hostId: string): Promise<void> => {
    const limit = limits[quota]
    const [row] = await query<{ readonly count: number }>(statement, [hostId])
    if ((row?.count ?? 0) >= limit) throw new PodiumError('quota-exceeded', { extra: { quota, limit } })
  }
  return {
    /** @throws PodiumError `quota-exceeded` when the host can have no further session */
    session: (hostId: string) => check('liveSessions', LIVE_SESSIONS, hostId),
    /** @throws PodiumError `quota-exceeded` when the host can have no further quiz */
    quiz: (hostId: string) => check('quizzes', QUIZZES, hostId),
  }
}
