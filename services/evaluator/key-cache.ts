import type { Logger } from '#platform/logger'
import type { KeySource } from './key-source.ts'
import type { KeyStore, KeysOutcome, SessionKeys } from './ports.ts'

export interface KeyCacheOptions {
  readonly source: KeySource
  /** Questions kept at the most, of however many sessions; the least recently used sessions go first. */
  readonly maxQuestions: number
  readonly logger: Logger
}

/**
 * Keys in memory: the questions of a session do not change once it exists. Sessions asked for while they are being read
 * wait for that reading. A session that does not exist is not remembered, since it may yet come.
 */
export const createKeyCache = ({ source, maxQuestions, logger }: KeyCacheOptions): KeyStore => {
  /** The least recently used first. */
  const kept = new Map<string, SessionKeys>()
  const reading = new Map<string, Promise<KeysOutcome>>()
  let questions = 0

  const keep = (sessionId: string, keys: SessionKeys): void => {
    kept.set(sessionId, keys)
    questions += keys.questions.length
    for (const [oldest, { questions: ofOldest }] of kept) {
      if (questions <= maxQuestions || oldest === sessionId) break
      kept.delete(oldest)
      questions -= ofOldest.length
    }
  }

  const touch = (sessionId: string): SessionKeys | undefined => {
    const keys = kept.get(sessionId)
    if (keys !== undefined) {
      kept.delete(sessionId)
      kept.set(sessionId, keys)
    }
    return keys
  }

  /** One reading for all of them; each is entered into `reading` until it is done. */
  const read = (sessionIds: readonly string[]): void => {
    const result = source(sessionIds).catch((err) => {
      logger.warn({ err, sessions: sessionIds.length }, 'keys are out of reach')
      return undefined
    })
    for (const sessionId of sessionIds) {
      const outcome = result.then((sessions): KeysOutcome => {
        reading.delete(sessionId)
        if (sessions === undefined) return 'unavailable'
        const keys = sessions.get(sessionId)
        if (keys === undefined) return 'unknown-session'
        keep(sessionId, keys)
        return keys
      })
      reading.set(sessionId, outcome)
    }
  }

  return {
    load: async (sessionIds) => {
      const outcomes = new Map<string, KeysOutcome>()
      const missing: string[] = []
      for (const sessionId of sessionIds) {
        const keys = touch(sessionId)
        if (keys === undefined) missing.push(sessionId)
        else outcomes.set(sessionId, keys)
      }
      const unread = missing.filter((sessionId) => !reading.has(sessionId))
      if (unread.length > 0) read(unread)
      // All of them before the first await: a reading that is done leaves the map.
      const readings = missing.map((sessionId) => reading.get(sessionId))
      for (const [index, outcome] of (await Promise.all(readings)).entries()) {
        outcomes.set(missing[index] ?? '', outcome ?? 'unavailable')
      }
      return outcomes
    },
  }
}
