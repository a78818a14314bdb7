import type { Logger } from '#platform/logger'
import type { BoardView } from '../board/board-view.ts'
import type { Roster } from '../board/roster.ts'
import type { Audience } from './audience.ts'
import { createFanOut, type FanOutBudget, inSlices } from './fan-out.ts'
import { LOBBY_TICK_MS } from './fan-out-tick.ts'
import type { OwnMembers } from './frame.ts'
import { boardFrame } from './messages.ts'
import type { StreamClient } from './ports.ts'
import type { Visibility } from './visibility.ts'

/** Rows of a frame. */
export const TOP = 10

/** Longest wait of a frame for a nickname. */
const NAMES_MS = 500

/** Sends an audience the board: its top to everybody, with each player's own place, once per tick. */
export interface BoardFrames {
  /** What is shown may have changed. */
  poke(): void
  /** A player's own place, for the frame that is made now; '' for the host, and while nothing is visible. */
  own(client: StreamClient): OwnMembers
  /** Waits, not for long, for the names of the top. */
  named(): Promise<void>
  close(): void
}

export interface BoardFramesOptions {
  readonly sessionId: string
  readonly view: BoardView
  readonly roster: Roster
  readonly audience: Pick<Audience, 'size' | 'all'>
  readonly budget: FanOutBudget
  readonly isLobby: () => boolean
  readonly logger: Logger
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
  readonly visibility: Pick<Visibility, 'showing' | 'unchanged'>
}

export const createBoardFrames = (options: BoardFramesOptions): BoardFrames => {
  const { sessionId, view, roster, audience, budget, isLobby, logger, onTick, visibility } = options
  let sentChanges = 0
  let isNameless = false

  const own = (client: StreamClient): OwnMembers => {
    const { player } = client
    if (player === undefined || !view.isVisible()) return ''
    if (client.seat === undefined || client.seat.isGone) client.seat = view.seat(player.playerId)
    return client.seat ?? view.row(player.playerId) ?? ''
  }

  const named = async (): Promise<void> => {
    await roster.ensure(view.topIds(TOP), NAMES_MS)
  }

  const send = async (): Promise<void> => {
    view.refresh()
    if (audience.size() === 0 || (view.changes() === sentChanges && !isNameless)) return visibility.unchanged()
    await named()
    const wasNameless = isNameless
    isNameless = view.topIds(TOP).some((playerId) => !roster.knows(playerId))
    if (isNameless) fanOut.poke() // sent without names rather than late, and again with them
    if (view.changes() === sentChanges && isNameless === wasNameless) return
    sentChanges = view.changes()
    if (!view.isVisible()) return
    const frame = boardFrame(view.top(TOP))
    onTick()
    const shown = visibility.showing()
    await view.hold(() => inSlices(audience.all(), (client) => client.show(frame, own(client))))
    shown()
  }

  const fanOut = createFanOut({
    budget,
    audience: audience.size,
    atLeastMs: () => (isLobby() ? LOBBY_TICK_MS : undefined),
    run: () => send().catch((err: unknown) => logger.error({ err, sessionId }, 'fan-out failed')),
  })

  return { poke: fanOut.poke, own, named, close: fanOut.close }
}
