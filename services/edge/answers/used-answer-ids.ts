import { PodiumError } from '#platform/errors'
import { createRecentCache } from '#platform/recent-cache'

/**
 * Notices a client that gives answers to different questions the same answerId. A courtesy to its developers, not a promise:
 * only the latest answer of a player in this process is known, and what is missed is just another answer.
 */
export interface UsedAnswerIds {
  /** @throws PodiumError `answer-id-reused` */
  check(playerId: string, answerId: string, questionIndex: number): void
  /** The answer was accepted. */
  note(playerId: string, answerId: string, questionIndex: number): void
}

interface Used {
  readonly answerId: string
  readonly questionIndex: number
}

const MAX_PLAYERS = 100_000

export const createUsedAnswerIds = (): UsedAnswerIds => {
  const latest = createRecentCache<string, Used>(MAX_PLAYERS)
  return {
    check: (playerId, answerId, questionIndex) => {
      const used = latest.get(playerId)
      if (used?.answerId === answerId && used.questionIndex !== questionIndex) throw new PodiumError('answer-id-reused')
    },
    note: (playerId, answerId, questionIndex) => latest.set(playerId, { answerId, questionIndex }),
  }
}
