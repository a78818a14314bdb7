import { createRecentCache } from '#platform/recent-cache'
import type { QuestionIds } from '../ports.ts'

const CACHED_SESSIONS = 5_000

/** Asks once per session: the order of play is fixed when a session is created. Failures and empty lists are not kept. */
export const createQuestionIds = (ask: (sessionId: string) => Promise<readonly string[]>): QuestionIds => {
  const known = createRecentCache<string, Promise<readonly string[]>>(CACHED_SESSIONS)
  return {
    of: (sessionId) => {
      const cached = known.get(sessionId)
      if (cached !== undefined) return cached
      const asked = ask(sessionId)
      known.set(sessionId, asked)
      asked.then(
        (ids) => {
          if (ids.length === 0) known.delete(sessionId)
        },
        () => known.delete(sessionId),
      )
      return asked
    },
  }
}
