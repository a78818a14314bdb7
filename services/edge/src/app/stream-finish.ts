import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#lib/clock'
import type { BoardReplica } from './board-replica.ts'
import type { SessionReplica } from './ports.ts'

/** Longest wait for the last scores before the podium is announced. */
const SETTLE_MS = 3_000
const LOOK_AGAIN_MS = 20

/**
 * Waits until a board holds everything that was scored: a snapshot taken after the end, and as many answers to the last
 * question as its reveal counted in the ledger. Resolves false when that did not come about in time.
 */
export const settleBoard = async (board: BoardReplica, session: SessionReplica, clock: Clock): Promise<boolean> => {
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
