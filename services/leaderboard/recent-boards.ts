import type { BoardVersion } from './ports.ts'

/** What this copy last saw of a board that it has had to do with lately. */
export interface RecentBoard {
  readonly sessionId: string
  touchedAt: number
  /** The version at the last look, and whether edges were told about it when it had come to rest. */
  seen: BoardVersion | undefined
  announced: boolean
}

export interface RecentBoards {
  touch(sessionId: string): void
  /** Those touched within the time limit; others are forgotten. */
  list(): readonly RecentBoard[]
  /** Edges may have missed anything: announce every board once more. */
  forgetAnnouncements(): void
}

export interface RecentBoardsOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Time after the last touch until a board is forgotten; it is repaired on demand all the same. Default 600 000. */
  readonly maxAgeMs?: number
  /** Boards kept, the latest ones. Default 10 000. */
  readonly limit?: number
}

export const createRecentBoards = ({ now, maxAgeMs = 600_000, limit = 10_000 }: RecentBoardsOptions): RecentBoards => {
  /** The longest untouched first. */
  const boards = new Map<string, RecentBoard>()
  return {
    touch: (sessionId) => {
      const board = boards.get(sessionId) ?? { sessionId, touchedAt: 0, seen: undefined, announced: false }
      board.touchedAt = now()
      boards.delete(sessionId)
      boards.set(sessionId, board)
      const [oldest] = boards.keys()
      if (boards.size > limit && oldest !== undefined) boards.delete(oldest)
    },
    list: () => {
      const horizon = now() - maxAgeMs
      for (const [sessionId, { touchedAt }] of boards) {
        if (touchedAt >= horizon) break
        boards.delete(sessionId)
      }
      return [...boards.values()]
    },
    forgetAnnouncements: () => {
      for (const board of boards.values()) board.announced = false
    },
  }
}
