import { PodiumError } from '#platform/errors'
import type { Principal } from '../ports.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { BoardJson, Entry } from '../streams/messages.ts'
import type { StreamSession } from '../streams/session-ports.ts'

/** Longest wait for a board that this edge does not hold yet, and for names that it does not know. */
const BOARD_MS = 2_000
const NAMES_MS = 1_000

/** Rows above and below the own one. */
const REACH = 2

export interface BoardQuery {
  readonly principal: Principal
  readonly sessionId: string
  /** Rows of `top`. */
  readonly limit: number
  readonly isAroundMe: boolean
}

export interface BoardAnswer extends BoardJson {
  readonly around?: readonly Entry[]
  readonly me?: Entry
}

/** The board as it is now. @throws PodiumError as `SessionAccess`, and `unavailable` when there is no board in time */
export type QueryBoard = (query: BoardQuery) => Promise<BoardAnswer>

export interface BoardQueryDeps {
  readonly access: SessionAccess
  readonly open: (sessionId: string) => StreamSession
}

export const createBoardQuery = ({ access, open }: BoardQueryDeps): QueryBoard => {
  return async ({ principal, sessionId, limit, isAroundMe }) => {
    const member = await access(principal, sessionId, 'board.read')
    const playerId = member.role === 'player' ? member.principal.playerId : undefined
    const { board, view, roster } = open(sessionId)
    if (member.role === 'player') roster.learn(member.principal.playerId, member.principal.nickname)
    if (!(await board.ready(BOARD_MS))) throw new PodiumError('unavailable')
    const rowsAround = () => (playerId !== undefined && isAroundMe ? view.around(playerId, REACH) : [])
    view.refreshIfOld()
    await roster.ensure([...view.topIds(limit), ...rowsAround().map((row) => row.playerId)], NAMES_MS)
    const own = playerId === undefined ? undefined : view.row(playerId)
    const [me] = own === undefined ? [] : view.withNames([own])
    return {
      ...view.top(limit),
      ...(playerId !== undefined && isAroundMe && { around: view.withNames(rowsAround()) }),
      ...(me !== undefined && { me }),
    }
  }
}
