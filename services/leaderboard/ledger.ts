import type { Logger } from '#platform/logger'
import type { Pool } from '#platform/pg'
import type { RuleBook } from '../game/scoring/rules.ts'
import { noTotals, type Totals, toTotals } from '../game/scoring/totals.ts'
import type { BeginEpoch } from './boards.ts'

/** Greater than every epoch of this board so far; no row when there is no such session. */
const nextEpoch = {
  name: 'next-epoch',
  text: `
INSERT INTO boards AS b (session_id, epoch) SELECT id, 1 FROM sessions WHERE id = $1
ON CONFLICT (session_id) DO UPDATE SET epoch = b.epoch + 1
RETURNING epoch`,
} as const

const allPlayers = {
  name: 'all-players',
  text: `
SELECT p.id, p.join_order, p.status = 'removed' AS removed, t.version, t.points, t.correct_answers, t.correct_ms,
  t.answered, t.correct, t.rule, t.rule_version, t.streak_bonus, s.unscored
FROM players AS p JOIN sessions AS s ON s.id = p.session_id 
  LEFT JOIN totals AS t ON t.session_id = p.session_id AND t.join_order = p.join_order
WHERE p.session_id = $1`,
} as const

interface Row {
  readonly id: string
  readonly join_order: number
  readonly removed: boolean
  /** This and all below are null until the first answer is scored. */
  readonly version: number | null
  readonly points: number
  readonly correct_answers: number
  readonly correct_ms: number
  readonly answered: string
  readonly correct: string
  readonly rule: string
  readonly rule_version: number
  readonly streak_bonus: boolean
  readonly unscored: readonly number[]
}

/** The sums in Postgres, which the scorer keeps, as totals, and the epochs of the boards built from them. */
export const createBeginEpoch =
  (pool: Pool, ruleOf: RuleBook, logger: Pick<Logger, 'warn'>): BeginEpoch =>
  async (sessionId) => {
    try {
      const { rows: epochs } = await pool.query<{ epoch: number }>({ ...nextEpoch, values: [sessionId] })
      const epoch = epochs[0]?.epoch
      if (epoch === undefined) return 'unknown-session'
      const { rows } = await pool.query<Row>({ ...allPlayers, values: [sessionId] })
      return { epoch, totals: rows.map((row) => totalsOf(row, ruleOf)) }
    } catch (err) {
      logger.warn({ err, sessionId }, 'Postgres unavailable; board not rebuilt')
      return 'unavailable'
    }
  }

const totalsOf = (row: Row, ruleOf: RuleBook): Totals => {
  const { id, join_order, removed, version, points, correct_answers, correct_ms, answered, correct } = row
  if (version === null) return noTotals(id, join_order, removed)
  const sums = { version, points, correctAnswers: correct_answers, correctMs: correct_ms, answered, correct }
  const rule = { name: row.rule, version: row.rule_version, streakBonus: row.streak_bonus, unscored: row.unscored }
  return toTotals({ playerId: id, joinOrder: join_order, ...sums }, rule, ruleOf, removed)
}

/** Sessions that are not over, and those whose board Redis still keeps: two days after its last use. */
export const sessionsWithBoard = async (pool: Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM sessions WHERE finished_at IS NULL OR finished_at > now() - interval '2 days' ORDER BY id`,
  )
  return rows.map(({ id }) => id)
}
