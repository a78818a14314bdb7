import type { Logger } from '#platform/logger'
import type { Tracing } from '#platform/telemetry'
import type { BoardsUseCase } from '../leaderboard/boards.ts'
import type { PublishScores, SessionScores } from '../scorer/score-answers.ts'

/** Longest wait for the boards; a game does not wait for them, since what they show can be built anew at any time. */
const PATIENCE_MS = 250

/**
 * Hands what was scored to the boards of this process. While they are unavailable, or slow, it goes to SCORES, from where it gets
 * to them later; so the answers can be acknowledged, and no score is missing on a board when this process dies.
 */
export const createHandOver = ({
  apply,
  store,
  tracing,
  logger,
  patienceMs = PATIENCE_MS,
}: {
  readonly apply: BoardsUseCase['apply']
  readonly store: PublishScores
  readonly tracing: Tracing
  readonly logger: Logger
  readonly patienceMs?: number
}) => {
  let isAway = false

  const applyOne = async ({ sessionId, totals, firstReceivedAtMs, spans }: SessionScores): Promise<boolean> => {
    try {
      return (await apply(sessionId, totals, { firstReceivedAtMs, span: tracing.join(spans) })) === 'applied'
    } catch (err) {
      logger.warn({ err, sessionId }, 'scores not on the board yet')
      return false
    }
  }

  const applyAll = async (sessions: readonly SessionScores[]): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patienceMs)
    })
    const applied = Promise.all(sessions.map(applyOne)).then((outcomes) => outcomes.every(Boolean))
    try {
      return await Promise.race([applied, tooLong])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    toBoards: (async (sessions) => {
      if (!isAway && (await applyAll(sessions))) return
      if (!isAway) logger.warn('boards unavailable, scores go to SCORES')
      isAway = true
      await store(sessions)
    }) satisfies PublishScores,
    /** What was in SCORES has got to its board. */
    isBack: (): void => {
      isAway = false
    },
  }
}
