import { type Pool, toUnavailable } from '#platform/pg'
import { readKey } from '../game/kinds/kinds.ts'
import { textRule } from '../game/text.ts'
import type { QuestionKey, SessionKeys } from './ports.ts'

/**
 * Reads the keys of sessions; sessions that do not exist are not in the result.
 * @throws PodiumError `unavailable`.
 */
export type KeySource = (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, SessionKeys>>

const statement = {
  name: 'read-keys',
  text: `
SELECT s.id, s.settings->>'scoring' AS scoring, s.settings->'streakBonus' AS streak_bonus,
  s.scoring_version, s.text_version,
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
  readonly scoring_version: number
  readonly text_version: number
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
      const rule = {
        name: row.scoring ?? 'speed',
        version: row.scoring_version,
        streakBonus: row.streak_bonus === true,
      }
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
  evaluate: readKey(row.kind, row.key, textRule(row.text_version)),
})
