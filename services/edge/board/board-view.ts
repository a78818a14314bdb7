import type { Clock } from '#platform/clock'
import { hasAnswered } from '../../game/scoring/totals.ts'
import type { BoardRow } from './board.ts'
import type { BoardReplica } from './board-replica.ts'
import type { Roster } from './roster.ts'

/** A row of the board with its name. */
export interface LeaderboardEntry extends BoardRow {
  readonly nickname: string
}

/** The part of a board that is the same for every client. */
export interface BoardJson {
  readonly version: number
  readonly playerCount: number
  readonly top: readonly LeaderboardEntry[]
}

/** A board younger than this is new enough for a request between two refreshes. */
const RECENT_MS = 100

export type BoardView = ReturnType<typeof createBoardView>

/** What may be seen of a board now, with names. */
export const createBoardView = (options: {
  readonly replica: BoardReplica
  readonly roster: Roster
  /** Index of the question whose answers must not show now. */
  readonly hidden: () => number | undefined
  readonly clock: Clock
}) => {
  const { replica, roster, hidden, clock } = options
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

  const withNames = (rows: readonly BoardRow[]): LeaderboardEntry[] =>
    rows.map(({ rank, playerId, score, correctAnswers }) => ({
      rank,
      playerId,
      nickname: roster.name(playerId),
      score,
      correctAnswers,
    }))

  return {
    /** Shows the newest totals. */
    refresh,
    /** Shows the newest totals unless what is shown is recent. */
    refreshIfOld: (): void => {
      if (!isHeld && (!isVisible || clock.monotonic() - refreshedAt >= RECENT_MS)) refresh()
    },
    /** While `work` runs, `refreshIfOld` changes nothing: every client is sent the same refresh. */
    hold: async (work: () => Promise<void>): Promise<void> => {
      isHeld = true
      try {
        await work()
      } finally {
        isHeld = false
      }
    },
    /** Grows with every refresh that changed anything. */
    changes: (): number => changes,
    /** False while the board is unknown, or known only with answers in it that are still hidden. */
    isVisible: (): boolean => isVisible,
    topIds: (count: number, offset = 0): string[] => board.top(count, offset).map(({ playerId }) => playerId),
    /** An empty board of version 0 while nothing is visible. */
    top: (count: number, offset = 0): BoardJson => ({
      version: isVisible ? version : 0,
      playerCount: board.size(),
      top: isVisible ? withNames(board.top(count, offset)) : [],
    }),
    around: (playerId: string, reach: number): BoardRow[] => (isVisible ? board.around(playerId, reach) : []),
    /** A player's row; while it has not arrived yet, where it will be. Undefined while nothing is visible. */
    row: (playerId: string): BoardRow | undefined => {
      if (!isVisible) return undefined
      const shown = board.row(playerId)
      if (shown !== undefined) return shown
      const newest = board.newest(playerId)
      if (newest === undefined) return { rank: board.rankOf(0, 0), playerId, score: 0, correctAnswers: 0 }
      const hiddenIndex = hidden()
      if (hiddenIndex !== undefined && hasAnswered(newest.answered, hiddenIndex)) return undefined
      const { score, correctMs, correctAnswers } = newest
      return { rank: board.rankOf(score, correctMs), playerId, score, correctAnswers }
    },
    /** A player's seat on the board, to be kept; undefined without a row. Says nothing of what is visible. */
    seat: board.seat,
    withNames,
  }
}
