import { type Pool, toUnavailable } from '#platform/pg'
import type { Key } from '../game/kinds/kind.ts'
import { readKey } from '../game/kinds/kinds.ts'
import type { QuestionKey, SessionKeys } from './ports.ts'

/**
 * Reads the keys of sessions; sessions that do not exist are not in the result.
 * @throws PodiumError `unavailable`.
 */
export type KeySource = (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, SessionKeys>>

/** The first version of either rule is the only one there is; a later one will be chosen when a session is created. */
const RULE_VERSION = 1

const statement = {
  name: 'read-keys',
  text: `
SELECT s.id, s.settings->>'scoring' AS scoring, s.settings->'streakBonus' AS streak_bonus,
  q.index, q.question_id, q.kind, q.key, q.points, q.time_limit_ms
FROM sessions AS s JOIN session_questions AS q ON q.session_id = s.id
WHERE s.id = ANY ($1::uuid[])
ORDER BY s.id, q.index`,
} as const

interface Row {
  readonly id: string
  readonly scoring: string | null
  /** Whatever the JSON holds. */
  readonly streak_bonus: unknown
  readonly index: number
  readonly question_id: string
  readonly kind: string
  readonly key: unknown
  readonly points: number
  readonly time_limit_ms: number
}

/** Keys from Postgres, where `session` writes them. */
export const createKeySource =
  (pool: Pool): KeySource =>
  async (sessionIds) => {
    const { rows } = await pool.query<Row>({ ...statement, values: [sessionIds] }).catch((err) => {
      throw toUnavailable(err)
    })
    const sessions = new Map<string, SessionKeys & { readonly questions: QuestionKey[] }>()
    for (const row of rows) {
      const rule = { name: row.scoring ?? 'speed', version: RULE_VERSION, streakBonus: row.streak_bonus === true }
      const session = sessions.get(row.id) ?? { questions: [], rule }
      session.questions[row.index] = toQuestion(row)
      sessions.set(row.id, session)
    }
    return sessions
  }

const toQuestion = (row: Row): QuestionKey => ({
  index: row.index,
  questionId: row.question_id,
  points: row.points,
  timeLimitMs: row.time_limit_ms,
  evaluate: isKey(row.key) ? readKey(row.kind, row.key) : undefined,
})

const isKey = (value: unknown): value is Key => {
  if (typeof value !== 'object' || value === null) return false
  const { options, texts } = value as Record<string, unknown>
  return isListOf(options, Number.isInteger) && isListOf(texts, (text) => typeof text === 'string')
}

const isListOf = (value: unknown, test: (item: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(test))
