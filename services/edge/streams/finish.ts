import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { BoardReplica } from '../board/board-replica.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'

/** Longest wait for the last scores. */
const SETTLE_MS = 3_000
const LOOK_AGAIN_MS = 20

/** The end of a session: `session.finished` waits for the last scores, and the messages after it wait with it. */
export const createFinish = (options: {
  readonly board: BoardReplica
  readonly clock: Clock
  readonly logger: Logger
  /** Called when the board is as it will stay. */
  readonly send: (position: number) => Promise<void>
}) => {
  const { board, clock, logger, send } = options
  let announcing: Promise<void> = Promise.resolve()
  /** Set while the last scores are awaited. */
  let queue: (() => void)[] | undefined

  const announce = async (session: SessionReplica, position: number): Promise<void> => {
    const { sessionId } = session
    queue = []
    try {
      if (!(await settleBoard(board, session, clock))) logger.warn({ sessionId }, 'session finished with a late board')
      await send(position)
    } catch (err) {
      logger.error({ err, sessionId }, 'session.finished not sent')
    }
    const waiting = queue
    queue = undefined
    for (const next of waiting) next()
  }

  const inOrder = (next: () => void): void => {
    if (queue === undefined) next()
    else queue.push(next)
  }

  return {
    /** Waits for the last scores, then sends. Everything `inOrder` meanwhile comes after it. */
    announce: (session: SessionReplica): void => {
      const { position } = session
      inOrder(() => {
        announcing = announce(session, position)
      })
    },
    /** At once, unless the last scores are awaited. */
    inOrder,
    /** Resolves when no last scores are awaited; until then the board is not what `session.finished` will say. Never rejects. */
    settled: (): Promise<void> => announcing,
  }
}

/**
 * Waits until a board holds everything that was scored: a snapshot taken after the end, and as many answers to the last
 * question as its reveal counted in the ledger. Resolves false when that did not come about in time.
 */
const settleBoard = async (board: BoardReplica, session: SessionReplica, clock: Clock): Promise<boolean> => {
  const deadline = clock.monotonic() + SETTLE_MS
  const isFresh = await board.fresh(SETTLE_MS)
  while (!holdsLastAnswers(board, session)) {
    if (clock.monotonic() >= deadline) return false
    await sleep(LOOK_AGAIN_MS)
  }
  return isFresh
}

/** Answers of removed players are in the ledger, but not on the board. */
const holdsLastAnswers = ({ board }: BoardReplica, { state, internal }: SessionReplica): boolean => {
  if (state.reveal === undefined) return true
  const { index, answerCount } = state.reveal
  return board.countAnswered(index) >= answerCount - internal.removedPlayerIds.length
}
