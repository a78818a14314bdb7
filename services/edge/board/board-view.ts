import type { Clock } from '#platform/clock'
import { TICK_MS } from '../streams/fan-out-tick.ts'
import type { BoardJson, Entry } from '../streams/messages.ts'
import type { BoardRow, Seat } from './board.ts'
import { hasAnswered } from './board-order.ts'
import type { BoardReplica } from './board-replica.ts'
import type { Roster } from './roster.ts'

/** What may be seen of a board now, with names. */
export interface BoardView {
  /** Shows the newest totals. */
  refresh(): void
  /** As `refresh`, but what is younger than a tick will do: for whoever comes between two ticks. */
  refreshIfOld(): void
  /** While `work` runs, `refreshIfOld` changes nothing: everybody who is told of a refresh is told the same. */
  hold(work: () => Promise<void>): Promise<void>
  /** Grows with every refresh that changed anything. */
  changes(): number
  /** False while the board is unknown, or known only with answers in it that are still hidden. */
  isVisible(): boolean
  topIds(count: number): string[]
  /** An empty board of version 0 while nothing is visible. */
  top(count: number): BoardJson
  around(playerId: string, reach: number): BoardRow[]
  /** A player's row; for somebody whose row has not arrived yet, where it will be. Undefined while nothing is visible. */
  row(playerId: string): BoardRow | undefined
  /** A player's seat on the board, to be kept; undefined for somebody without a row. Says nothing of what is visible. */
  seat(playerId: string): Seat | undefined
  withNames(rows: readonly BoardRow[]): Entry[]
}

export interface BoardViewOptions {
  readonly replica: BoardReplica
  readonly roster: Roster
  /** Index of the question whose answers must not show now. */
  readonly hidden: () => number | undefined
  readonly clock: Clock
}

export const createBoardView = ({ replica, roster, hidden, clock }: BoardViewOptions): BoardView => {
  const { board } = replica
  let version = 0
  let changes = 0
  let refreshedAt = Number.NEGATIVE_INFINITY
  let isVisible = false
  let isHeld = false

  const refresh = (): void => {
    if (replica.version() === undefined) return
    refreshedAt = clock.monotonic()
    const hasChanged = board.refresh(hidden())
    const wasVisible = isVisible
    isVisible = board.isComplete()
    if (!hasChanged && isVisible === wasVisible) return
    version = replica.version() ?? 0
    changes += 1
  }

  const withNames = (rows: readonly BoardRow[]): Entry[] =>
    rows.map(({ rank, playerId, score, correctAnswers }) => ({
      rank,
      playerId,
      nickname: roster.name(playerId),
      score,
      correctAnswers,
    }))

  const row = (playerId: string): BoardRow | undefined => {
    if (!isVisible) return undefined
    const shown = board.row(playerId)
    if (shown !== undefined) return shown
    const newest = board.newest(playerId)
    if (newest === undefined) return { rank: board.rankOf(0, 0), playerId, score: 0, correctAnswers: 0 }
    const hiddenIndex = hidden()
    if (hiddenIndex !== undefined && hasAnswered(newest.answered, hiddenIndex)) return undefined
    const { score, correctMs, correctAnswers } = newest
    return { rank: board.rankOf(score, correctMs), playerId, score, correctAnswers }
  }

  return {
    refresh,
    refreshIfOld: () => {
      if (!isHeld && (!isVisible || clock.monotonic() - refreshedAt >= TICK_MS)) refresh()
    },
    hold: async (work) => {
      isHeld = true
      try {
        await work()
      } finally {
        isHeld = false
      }
    },
    changes: () => changes,
    isVisible: () => isVisible,
    topIds: (count) => board.top(count).map(({ playerId }) => playerId),
    top: (count) => ({
      version: isVisible ? version : 0,
      playerCount: board.size(),
      top: isVisible ? withNames(board.top(count)) : [],
    }),
    around: (playerId, reach) => (isVisible ? board.around(playerId, reach) : []),
    row,
    seat: board.seat,
    withNames,
  }
}
