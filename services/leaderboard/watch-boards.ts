import type { Announcer, Boards, BoardVersion } from './ports.ts'
import type { RebuildBoard } from './rebuild-board.ts'
import type { RecentBoard, RecentBoards } from './recent-boards.ts'

export interface WatchBoardsDeps {
  readonly boards: Boards
  readonly rebuild: RebuildBoard
  readonly announcer: Announcer
  readonly recent: RecentBoards
}

/** Boards looked at in one round trip. */
const SLICE = 200

/**
 * One look at all recent boards. A lost one is rebuilt and announced, so that a board comes back without waiting for the
 * next answer. One that has come to rest since the last look is announced once: whoever missed its last delta
 * has no later one to notice the hole by. Boards in motion are left alone, since another copy's delta may be under way.
 * @throws PodiumError `unavailable` when the boards are away; the rest waits for the next look.
 */
export const createWatchBoards =
  ({ boards, rebuild, announcer, recent }: WatchBoardsDeps) =>
  async (): Promise<void> => {
    const announce = (board: RecentBoard, { epoch, version }: BoardVersion): void => {
      board.seen = { epoch, version }
      board.announced = true
      announcer.announce(board.sessionId, { epoch, from: version, to: version, changed: [] })
    }
    const list = recent.list()
    for (let start = 0; start < list.length; start += SLICE) {
      const slice = list.slice(start, start + SLICE)
      const versions = await boards.check(slice.map(({ sessionId }) => sessionId))
      for (const [index, board] of slice.entries()) {
        const version = versions[index]
        if (version === 'lost' || version === undefined) {
          const rebuilt = await rebuild(board.sessionId)
          if (typeof rebuilt !== 'string') announce(board, rebuilt)
        } else if (board.seen?.epoch !== version.epoch || board.seen.version !== version.version) {
          board.seen = version
          board.announced = false
        } else if (!board.announced) {
          announce(board, version)
        }
      }
    }
  }
