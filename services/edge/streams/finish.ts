import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { BoardReplica } from '../board/board-replica.ts'
import type { SessionReplica } from '../ports.ts'

/** Longest wait for the last scores before the podium is announced. */
const SETTLE_MS = 3_000
const LOOK_AGAIN_MS = 20

/** The end of a session: its podium, and the order of what is told around it. */
export interface Podium {
  /** Waits for the last scores, then announces. Everything told `inOrder` meanwhile comes after it. */
  announce(session: SessionReplica): void
  /** At once, unless a podium is being made. */
  inOrder(send: () => void): void
  /** Resolves when no podium is being made; until then the board is not what the podium will say. Never rejects. */
  settled(): Promise<void>
}

export interface PodiumOptions {
  readonly board: BoardReplica
  readonly clock: Clock
  readonly logger: Logger
  /** Called when the board is as it will stay. */
  readonly send: (position: number) => Promise<void>
}

export const createPodium = ({ board, clock, logger, send }: PodiumOptions): Podium => {
  let making: Promise<void> = Promise.resolve()
  let behind: (() => void)[] | undefined

  const make = async (session: SessionReplica, position: number): Promise<void> => {
    const { sessionId } = session
    behind = []
    try {
      if (!(await settleBoard(board, session, clock))) logger.warn({ sessionId }, 'podium announced with a late board')
      await send(position)
    } catch (err) {
      logger.error({ err, sessionId }, 'podium not announced')
    }
    const waiting = behind
    behind = undefined
    for (const next of waiting) next()
  }

  const inOrder = (next: () => void): void => {
    if (behind === undefined) next()
    else behind.push(next)
  }

  return {
    announce: (session) => {
      const { position } = session
      inOrder(() => {
        making = make(session, position)
      })
    },
    inOrder,
    settled: () => making,
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
