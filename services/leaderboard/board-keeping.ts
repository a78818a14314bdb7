import { createApplyStandings } from './apply-standings.ts'
import type { Announcer, Boards, Ledger } from './ports.ts'
import { createReadBoard } from './read-board.ts'
import { createRebuildBoard } from './rebuild-board.ts'
import type { RecentBoards } from './recent-boards.ts'
import { createWatchBoards } from './watch-boards.ts'

export interface BoardKeepingDeps {
  readonly boards: Boards
  readonly ledger: Ledger
  readonly announcer: Announcer
  readonly recent: RecentBoards
}

/** Everything that is done with boards. The parts share one rebuild, so that a lost board is built once. */
export const createBoardKeeping = ({ ledger, ...deps }: BoardKeepingDeps) => {
  const shared = { ...deps, rebuild: createRebuildBoard({ boards: deps.boards, ledger }) }
  return {
    apply: createApplyStandings(shared),
    read: createReadBoard(shared),
    watch: createWatchBoards(shared),
  }
}
