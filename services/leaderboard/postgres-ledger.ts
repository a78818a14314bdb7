import type { Logger } from '#platform/logger'
import type { Pool } from '#platform/pg'
import type { Ledger } from './ports.ts'
import type { PlayerTotals } from './totals.ts'

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
  t.answered, t.correct, t.streak_bonus
FROM players AS p LEFT JOIN totals AS t ON t.session_id = p.session_id AND t.player_id = p.id
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
  readonly streak_bonus: boolean
}

/** The totals in Postgres, which the scorer keeps, and the epochs of the boards built from them. */
export const createPostgresLedger = (pool: Pool, logger: Logger): Ledger => ({
  beginEpoch: async (sessionId) => {
    try {
      const { rows: epochs } = await pool.query<{ epoch: number }>({ ...nextEpoch, values: [sessionId] })
      const epoch = epochs[0]?.epoch
      if (epoch === undefined) return 'unknown-session'
      const { rows } = await pool.query<Row>({ ...allPlayers, values: [sessionId] })
      return { epoch, players: rows.map(toPlayer) }
    } catch (err) {
      logger.warn({ err, sessionId }, 'the ledger is away, the board stays lost')
      return 'unavailable'
    }
  },
})

const toPlayer = (row: Row): PlayerTotals => ({
  playerId: row.id,
  joinOrder: row.join_order,
  removed: row.removed,
  totals:
    row.version === null
      ? undefined
      : {
          version: row.version,
          points: row.points,
          correctAnswers: row.correct_answers,
          correctMs: row.correct_ms,
          answered: row.answered,
          correct: row.correct,
          streakBonus: row.streak_bonus,
        },
})
