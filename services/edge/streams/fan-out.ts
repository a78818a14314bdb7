import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { Metrics } from '#platform/telemetry'
import { type BoardSource, createBoardReplica } from '../board/board-replica.ts'
import { createBoardView } from '../board/board-view.ts'
import type { Roster } from '../board/roster.ts'
import type { Audience } from './audience.ts'
import type { StreamClient } from './client.ts'
import { createFrame, type OwnMembers } from './frame.ts'
import type { AnswerLatency } from './metrics.ts'

/** Rows of a frame. */
export const TOP = 10

/** Longest wait of a frame for a nickname. */
const NAMES_MS = 500

/**
 * How often a changed board goes to its audience: a tick is the time in which a change reaches the last client. Below this
 * a difference cannot be seen, and everything that changes within it costs one delivery.
 */
export const TICK_MS = 100

/** A lobby's board changes with every join, and is not urgent. */
export const LOBBY_TICK_MS = 1_000

/** CPU of one delivery, measured on the machine that the project is sized for. */
const DELIVERY_MS = 0.008

/** A tick is at least so many times as long as the delivery that ends it, so that fan-out takes half a core at the most. */
const SLACK = 3

/** After a pause the first change is sent this soon; what comes with it still shares its frame. */
export const GATHER_MS = 10

/** Length of a tick; `audience`: clients of all boards that wait for their frame. */
export const tickMs = (audience: number, atLeastMs = TICK_MS): number =>
  Math.max(atLeastMs, Math.ceil(audience * DELIVERY_MS * SLACK))

/**
 * Time from a change to the beginning of its delivery, when the last one began `sinceLastMs` ago and took `tookMs`: a change
 * that just missed it waits for the next one, and that has to be over within the tick. A delivery that takes very long, because
 * the machine is busy, does not make them follow each other without a pause.
 */
export const delayMs = (tick: number, sinceLastMs: number, tookMs = 0): number =>
  Math.max(GATHER_MS, Math.floor(Math.max(tick / 2, tick - tookMs) - sinceLastMs))

export type FanOutBudget = ReturnType<typeof createFanOutBudget>

/** The fan-outs of one process, which share its CPU. */
export const createFanOutBudget = () => {
  /** Clients of all boards that wait for their frame. */
  let waiting = 0
  return {
    /** Reserves the cost of a tick for so many clients; returns the tick's length in milliseconds. */
    reserve: (audience: number, atLeastMs: number | undefined): number => {
      waiting += audience
      return tickMs(waiting, atLeastMs)
    },
    release: (audience: number): void => {
      waiting -= audience
    },
  }
}

/** When one session's frames are sent: soon after a change that follows a pause, then once a tick, never two at once. */
export const createTicks = (options: {
  readonly budget: FanOutBudget
  readonly audience: () => number
  /** Shortest tick in milliseconds; undefined for the usual one. */
  readonly atLeastMs: () => number | undefined
  /** Sends what there is to send. Must not reject. Changes during it make a tick after it. */
  readonly run: () => Promise<void>
}) => {
  const { budget, audience, atLeastMs, run } = options
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isPoked = false
  let isClosed = false
  let reserved = 0
  let lastRunAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  const schedule = (): void => {
    reserved = audience()
    const length = budget.reserve(reserved, atLeastMs())
    timer = setTimeout(() => void tick(), delayMs(length, performance.now() - lastRunAt, tookMs))
  }

  const tick = async (): Promise<void> => {
    timer = undefined
    lastRunAt = performance.now()
    budget.release(reserved)
    isPoked = false
    isRunning = true
    await run()
    tookMs = performance.now() - lastRunAt
    isRunning = false
    if (isPoked && !isClosed) schedule()
  }

  return {
    /** Something changed. */
    poke: (): void => {
      isPoked = true
      if (timer === undefined && !isRunning && !isClosed) schedule()
    },
    close: (): void => {
      isClosed = true
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      budget.release(reserved)
    },
  }
}

/** Clients served in one turn of the event loop: less than a millisecond, so that answers do not wait for a whole audience. */
const SLICE = 125

/** Calls `visit` for each, in slices with a turn of the event loop between them. */
export const inSlices = async <T>(items: readonly T[], visit: (item: T) => void): Promise<void> => {
  for (let start = 0; start < items.length; start += SLICE) {
    if (start > 0) await nextTurn()
    const end = Math.min(items.length, start + SLICE)
    for (let index = start; index < end; index++) {
      const item = items[index]
      if (item !== undefined) visit(item)
    }
  }
}

export type BoardFanOut = ReturnType<typeof createBoardFanOut>

/** One session's board on its way to the clients: its top to all of them, with each player's own place, once per tick. */
export const createBoardFanOut = (options: {
  readonly sessionId: string
  readonly source: BoardSource
  readonly roster: Roster
  readonly audience: Pick<Audience, 'size' | 'all'>
  readonly budget: FanOutBudget
  /** Index of the question whose answers must not show now. */
  readonly hidden: () => number | undefined
  readonly isLobby: () => boolean
  readonly latency: AnswerLatency
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
}) => {
  const { sessionId, source, roster, audience, budget, hidden, isLobby, latency, clock, logger, metrics, onTick } =
    options
  const replica = createBoardReplica({
    sessionId,
    source,
    logger,
    metrics,
    onChange: () => ticks.poke(),
    onAnswers: latency.arrived,
  })
  const view = createBoardView({ replica, roster, hidden, clock })
  let sentChanges = 0
  let isNameless = false

  /** A player's own place, for the frame that is made now; '' for the host, and while nothing is visible. */
  const own = (client: StreamClient): OwnMembers => {
    const { player } = client
    if (player === undefined || !view.isVisible()) return ''
    if (client.seat === undefined || client.seat.isGone) client.seat = view.seat(player.playerId)
    return client.seat ?? view.row(player.playerId) ?? ''
  }

  /** Waits, not for long, for the names of the top. */
  const ensureNames = async (): Promise<void> => {
    await roster.ensure(view.topIds(TOP), NAMES_MS)
  }

  const send = async (): Promise<void> => {
    view.refresh()
    if (audience.size() === 0 || (view.changes() === sentChanges && !isNameless)) return latency.unchanged()
    await ensureNames()
    const wasNameless = isNameless
    isNameless = view.topIds(TOP).some((playerId) => !roster.knows(playerId))
    if (isNameless) ticks.poke() // sent without names rather than late, and again with them
    if (view.changes() === sentChanges && isNameless === wasNameless) return
    sentChanges = view.changes()
    if (!view.isVisible()) return
    const frame = createFrame('leaderboard.updated', view.top(TOP))
    onTick()
    const shown = latency.showing()
    await view.hold(() => inSlices(audience.all(), (client) => client.sendLatest(frame, own(client))))
    shown()
  }

  const ticks = createTicks({
    budget,
    audience: audience.size,
    atLeastMs: () => (isLobby() ? LOBBY_TICK_MS : undefined),
    run: () => send().catch((err: unknown) => logger.error({ err, sessionId }, 'fan-out failed')),
  })

  return {
    replica,
    view,
    /** What is shown may have changed. */
    poke: ticks.poke,
    own,
    ensureNames,
    close: (): void => {
      ticks.close()
      replica.close()
    },
  }
}
