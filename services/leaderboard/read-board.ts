import { PodiumError } from '#platform/errors'
import type { Announcer, BoardContent, Boards } from './ports.ts'
import type { RebuildBoard } from './rebuild-board.ts'
import type { RecentBoards } from './recent-boards.ts'

export interface ReadBoardDeps {
  readonly boards: Boards
  readonly rebuild: RebuildBoard
  readonly announcer: Announcer
  readonly recent: RecentBoards
}

/**
 * A whole board, rebuilt first when it is lost.
 * @throws PodiumError `unavailable`
 */
export const createReadBoard =
  ({ boards, rebuild, announcer, recent }: ReadBoardDeps) =>
  async (sessionId: string): Promise<BoardContent | 'unknown-session'> => {
    const content = await boards.read(sessionId)
    if (content !== 'lost') {
      recent.touch(sessionId)
      return content
    }
    const rebuilt = await rebuild(sessionId)
    if (rebuilt === 'unknown-session') return rebuilt
    if (rebuilt === 'unavailable') throw new PodiumError('unavailable', { cause: new Error('the ledger is away') })
    recent.touch(sessionId)
    announcer.announce(sessionId, { epoch: rebuilt.epoch, from: rebuilt.version, to: rebuilt.version, changed: [] })
    const again = await boards.read(sessionId)
    if (again !== 'lost') return again
    throw new PodiumError('unavailable', { cause: new Error('the board is lost as soon as it is rebuilt') })
  }
