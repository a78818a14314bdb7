import { PodiumError } from '#platform/errors'
import { failpoint } from '#platform/failpoint'
import { type Announcer, type Applied, type Boards, NO_ORIGIN, type Origin } from './ports.ts'
import type { RebuildBoard } from './rebuild-board.ts'
import type { RecentBoards } from './recent-boards.ts'
import { newestOf, type Standing } from './standing.ts'

export interface ApplyStandingsDeps {
  readonly boards: Boards
  readonly rebuild: RebuildBoard
  readonly announcer: Announcer
  readonly recent: RecentBoards
}

/** Players in one call of the store, which serves nobody else meanwhile. */
const MAX_PLAYERS = 1_000
/** A board that is lost again right after it was rebuilt means that the store is in trouble. */
const MAX_REBUILDS = 2

/** `unavailable`: the board is lost, and the ledger is away. */
export type ApplyOutcome = 'applied' | 'unknown-session' | 'unavailable'

/**
 * Brings one board up to date and tells the edges, also when nothing was new: a copy that died between the two may have
 * done the former only. May be repeated with the same standings at any time.
 * @throws PodiumError `unavailable` when the boards are away.
 */
export const createApplyStandings =
  (deps: ApplyStandingsDeps) =>
  async (sessionId: string, standings: readonly Standing[], origin = NO_ORIGIN): Promise<ApplyOutcome> => {
    const newest = newestOf(standings)
    for (let start = 0; start < newest.length; start += MAX_PLAYERS) {
      const applied = await applyOrRebuild(deps, sessionId, newest.slice(start, start + MAX_PLAYERS), origin)
      if (typeof applied === 'string') return applied
      failpoint('leaderboard.after-apply')
      deps.recent.touch(sessionId)
      deps.announcer.announce(sessionId, applied, origin)
    }
    return 'applied'
  }

const applyOrRebuild = async (
  { boards, rebuild }: ApplyStandingsDeps,
  sessionId: string,
  standings: readonly Standing[],
  { span }: Origin,
): Promise<Applied | 'unknown-session' | 'unavailable'> => {
  for (let rebuilds = 0; rebuilds <= MAX_REBUILDS; rebuilds += 1) {
    const applied = await boards.apply(sessionId, standings, span)
    if (applied !== 'lost') return applied
    const rebuilt = await rebuild(sessionId)
    if (typeof rebuilt === 'string') return rebuilt
  }
  throw new PodiumError('unavailable', { cause: new Error('the board is lost as soon as it is rebuilt') })
}
