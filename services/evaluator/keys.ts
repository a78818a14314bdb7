import { LRUCache } from 'lru-cache'
import type { Logger } from '#platform/logger'
import { type Pool, toUnavailable } from '#platform/pg'
import { readKey } from '../game/kinds/kinds.ts'
import { textRule } from '../game/text.ts'
import type { KeysOutcome, LoadKeys, QuestionKey, SessionKeys } from './evaluate-answers.ts'

/**
 * Reads the keys of sessions; sessions that do not exist are not in the result.
 * @throws PodiumError `unavailable`.
 */
export type KeySource = (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, SessionKeys>>

const statement = {
  name: 'read-keys',
  text: `
SELECT s.id, s.settings->>'scoring' AS scoring, s.settings->'streakBonus' AS streak_bonus,
  s.scoring_version, s.text_version, s.unscored,
  q.index, q.question_id, q.kind, q.key, q.points, q.time_limit_ms
FROM sessions AS s JOIN session_questions AS q ON q.session_id = s.id
WHERE s.id = ANY ($1::uuid[])
ORDER BY s.id, q.index`,
} as const

interface Row {
  readonly id: string
  readonly scoring: string | null
  /** Any JSON. */
  readonly streak_bonus: unknown
  readonly scoring_version: number
  readonly text_version: number
  readonly unscored: readonly number[]
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
        unscored: row.unscored,
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

/**
 * Keys in memory: the questions of a session do not change once it exists. Sessions asked for while they are being read
 * wait for that reading. A session that does not exist is not remembered, since it may be created later.
 * `maxQuestions`: kept at most, of all sessions together; the least recently used sessions go first.
 */
export const createKeyCache = (
  source: KeySource,
  { maxQuestions, logger }: { readonly maxQuestions: number; readonly logger: Logger },
): LoadKeys => {
  const kept = new LRUCache<string, SessionKeys>({
    maxSize: maxQuestions,
    sizeCalculation: ({ questions }) => Math.max(1, questions.length),
  })
  const reading = new Map<string, Promise<KeysOutcome>>()

  /** One reading for all of them; each is in `reading` until it is done. */
  const read = (sessionIds: readonly string[]): void => {
    const result = source(sessionIds).catch((err) => {
      logger.warn({ err, sessions: sessionIds.length }, 'keys unavailable')
      return undefined
    })
    for (const sessionId of sessionIds) {
      const outcome = result.then((sessions): KeysOutcome => {
        reading.delete(sessionId)
        if (sessions === undefined) return 'unavailable'
        const keys = sessions.get(sessionId)
        if (keys === undefined) return 'unknown-session'
        kept.set(sessionId, keys)
        return keys
      })
      reading.set(sessionId, outcome)
    }
  }

  return async (sessionIds) => {
    const outcomes = new Map<string, KeysOutcome>()
    const missing: string[] = []
    for (const sessionId of sessionIds) {
      const keys = kept.get(sessionId)
      if (keys === undefined) missing.push(sessionId)
      else outcomes.set(sessionId, keys)
    }
    if (missing.length === 0) return outcomes
    const unread = missing.filter((sessionId) => !reading.has(sessionId))
    if (unread.length > 0) read(unread)
    // All of them before the first await: a reading that is done leaves the map.
    const readings = missing.map((sessionId) => reading.get(sessionId))
    for (const [index, outcome] of (await Promise.all(readings)).entries()) {
      outcomes.set(missing[index] ?? '', outcome ?? 'unavailable')
    }
    return outcomes
  }
}
