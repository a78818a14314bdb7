import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { Metrics } from '#platform/telemetry'
import { type BoardSource, createBoardReplica } from '../board/board-replica.ts'
import { type BoardJson, createBoardView, type LeaderboardEntry } from '../board/board-view.ts'
import type { Roster } from '../board/roster.ts'
import type { StreamClient } from './client.ts'
import { createFrame, type Frame, type OwnPlace } from './frame.ts'
import type { AnswerLatency } from './metrics.ts'
import type { Viewer } from './visibility.ts'

/** Rows of a frame. */
export const TOP = 10

/** Longest wait of a frame for a nickname. */
const NAMES_MS = 500

/**
 * Pace of a changed board: a frame at most every so often. Below 100 ms a difference cannot be seen; players look at the
 * question while one is open (BOARD_INTERVAL_MS); a lobby's board changes with every join, and is not urgent.
 */
export const BOARD_INTERVAL_MS = 100
export const PLAYER_INTERVAL_MS = 250
export const LOBBY_INTERVAL_MS = 1_000

/** CPU of one delivery, measured on the machine that the project is sized for. */
const DELIVERY_MS = 0.008

/** A tick is at least so many times as long as the delivery that ends it, so that fan-out takes half a core at the most. */
const SLACK = 3

/** After a pause the first change is sent this soon; what comes with it still shares its frame. */
export const GATHER_MS = 10

/** Time in which a change reaches the last client; `audience`: clients of all boards that wait for their frame. */
export const tickMs = (audience: number, intervalMs = BOARD_INTERVAL_MS): number =>
  Math.max(intervalMs, Math.ceil(audience * DELIVERY_MS * SLACK))

/**
 * Time from a change to the beginning of its delivery, when the last one began `sinceLastMs` ago and took `tookMs`: a change
 * that just missed it waits for the next one, and that has to be over within the tick where load makes it longer than the
 * interval. A delivery that takes very long, because the machine is busy, is followed by a pause all the same.
 */
export const delayMs = (intervalMs: number, tick: number, sinceLastMs: number, tookMs = 0): number =>
  Math.max(GATHER_MS, Math.floor(Math.max(intervalMs, tick / 2, tick - tookMs) - sinceLastMs))

/** Clients served in one turn of the event loop: less than a millisecond, so that answers do not wait for a whole audience. */
const SLICE = 125

export type FanOutBudget = ReturnType<typeof createFanOutBudget>

/** The fan-outs of one process, which share its CPU. */
export const createFanOutBudget = () => {
  /** Clients of all boards that wait for their frame. */
  let waiting = 0
  const turns: (() => void)[] = []

  const next = (): void => {
    turns.shift()?.()
    if (turns.length > 0) setImmediate(next)
  }

  return {
    /** Reserves the cost of a tick for so many clients; returns the tick's length in milliseconds. */
    reserve: (audience: number, intervalMs: number): number => {
      waiting += audience
      return tickMs(waiting, intervalMs)
    },
    release: (audience: number): void => {
      waiting -= audience
    },
    /** Resolves in a turn of the event loop that nothing else of any fan-out gets: requests are served between two of them. */
    turn: (): Promise<void> =>
      new Promise((resolve) => {
        turns.push(resolve)
        if (turns.length === 1) setImmediate(next)
      }),
  }
}

/** Calls `visit` for each, in slices; the first at once, the others in turns of their own. */
export const inSlices = async <T>(
  items: readonly T[],
  visit: (item: T) => void,
  turn: () => Promise<void>,
): Promise<void> => {
  for (let start = 0; start < items.length; start += SLICE) {
    if (start > 0) await turn()
    const end = Math.min(items.length, start + SLICE)
    for (let index = start; index < end; index++) {
      const item = items[index]
      if (item !== undefined) visit(item)
    }
  }
}

/** When frames are sent: soon after a change that follows a pause, then once an interval, never two at once. */
export const createTicks = (options: {
  readonly budget: FanOutBudget
  readonly audience: () => number
  readonly intervalMs: () => number
  /** Sends what there is to send. Must not reject. Changes during it make a tick after it. */
  readonly run: () => Promise<void>
}) => {
  const { budget, audience, intervalMs, run } = options
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isPoked = false
  let isUrgent = false
  let isClosed = false
  let reserved = 0
  let lastRunAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  const schedule = (): void => {
    const interval = intervalMs()
    reserved = audience()
    const length = budget.reserve(reserved, interval)
    const delay = isUrgent ? GATHER_MS : delayMs(interval, length, performance.now() - lastRunAt, tookMs)
    timer = setTimeout(() => void tick(), delay)
  }

  const cancel = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    budget.release(reserved)
  }

  const tick = async (): Promise<void> => {
    timer = undefined
    isRunning = true
    await budget.turn()
    budget.release(reserved)
    isPoked = false
    isUrgent = false
    lastRunAt = performance.now()
    if (!isClosed) await run()
    tookMs = performance.now() - lastRunAt
    isRunning = false
    if (isPoked && !isClosed) schedule()
  }

  return {
    /** Something changed. `urgent`: it is sent without regard to the interval. */
    poke: (urgent = false): void => {
      isPoked = true
      if (urgent && !isUrgent) {
        isUrgent = true
        cancel()
      }
      if (timer === undefined && !isRunning && !isClosed) schedule()
    },
    close: (): void => {
      isClosed = true
      cancel()
    },
  }
}

/** The clients of a session that get its board at the same pace. */
interface Lane {
  readonly clients: Set<StreamClient>
  readonly ticks: ReturnType<typeof createTicks>
  /** `BoardView.changes` of the last tick that had all names: what was sent without them is sent again. */
  sentChanges: number
}

/** The top of a board as clients get it. */
interface Top {
  /** Grows whenever the text changes. */
  readonly serial: number
  /** JSON of what is visible in it: all but the version. */
  readonly text: string
  readonly board: BoardJson
  /** As a whole. */
  readonly frame: Frame
  /** As the difference to an earlier top, by the serial of that. */
  readonly changes: Map<number, Frame>
}

/** Earlier tops of which the difference can be sent. */
const MAX_TOPS = 16

/** A serial that no top has. */
const UNKNOWN = -1

export type BoardFanOut = ReturnType<typeof createBoardFanOut>

/** One session's board on its way to the clients: its top to all of them, with each player's own place, at their pace. */
export const createBoardFanOut = (options: {
  readonly sessionId: string
  readonly source: BoardSource
  readonly roster: Roster
  readonly budget: FanOutBudget
  /** Index of the question whose answers must not show now. */
  readonly hidden: () => number | undefined
  readonly status: () => string | undefined
  /** Of players while a question is open. */
  readonly playerIntervalMs: number
  readonly latency: AnswerLatency
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
  /** The totals may have changed. */
  readonly onChange: () => void
}) => {
  const { sessionId, source, roster, budget, hidden, status, playerIntervalMs, latency } = options
  const { clock, logger, metrics, onTick, onChange } = options
  const lanes = new Map<string, Lane>()
  const poke = (urgent = false): void => {
    for (const { ticks } of lanes.values()) ticks.poke(urgent)
  }
  const replica = createBoardReplica({
    sessionId,
    source,
    logger,
    metrics,
    onChange: () => {
      poke()
      onChange()
    },
    onAnswers: latency.arrived,
  })
  const view = createBoardView({ replica, roster, hidden, clock })
  const tops = new Map<number, Top>()
  let newest: Top | undefined
  let newestChanges = 0
  let hasNames = true
  let sending: Promise<void> = Promise.resolve()

  /** A player's own place, for the frame that is made now; '' for the host, and while nothing is visible. */
  const own = (client: StreamClient): OwnPlace | '' => {
    const { player } = client
    if (player === undefined || !view.isVisible()) return ''
    if (client.seat === undefined || client.seat.isGone) client.seat = view.seat(player.playerId)
    return client.seat ?? view.row(player.playerId) ?? ''
  }

  /** What the view shows now; the same object until that changes. */
  const top = (): Top => {
    if (newest !== undefined && view.changes() === newestChanges && hasNames) return newest
    const board = view.top(TOP)
    hasNames = board.top.every(({ playerId }) => roster.knows(playerId))
    newestChanges = view.changes()
    const { version, ...visible } = board
    const text = JSON.stringify(visible)
    if (newest?.text === text && newest.board.version === version) return newest
    const serial = newest === undefined ? 0 : newest.text === text ? newest.serial : newest.serial + 1
    const head = `{"version":${version},${text.slice(1, -1)}`
    const frame: Frame = { type: 'leaderboard.updated', id: undefined, head }
    newest = { serial, text, board, frame, changes: new Map() }
    tops.set(serial, newest)
    tops.delete(serial - MAX_TOPS)
    return newest
  }

  const changesSince = (now: Top, serial: number): Frame => {
    const known = now.changes.get(serial)
    if (known !== undefined) return known
    const { version, playerCount, top: entries } = now.board
    const before = new Map(tops.get(serial)?.board.top.map((entry) => [entry.playerId, entry]))
    const frame = createFrame('leaderboard.changed', {
      version,
      playerCount,
      order: entries.map(({ playerId }) => playerId),
      changed: entries.filter((entry) => !isSameEntry(before.get(entry.playerId), entry)),
    })
    now.changes.set(serial, frame)
    return frame
  }

  /** Nothing to a client that would see no difference. */
  const sendTo = (client: StreamClient, now: Top): void => {
    const place = own(client)
    const { rank, score } = place === '' ? NO_PLACE : place
    const { sent } = client
    if (sent.top === now.serial && sent.rank === rank && sent.score === score) return
    // What a slow client has not been given yet may be replaced: then the difference is to nothing.
    const isFull = client.board.mode === 'full'
    const frame = isFull ? now.frame : changesSince(now, client.isBehind() ? UNKNOWN : sent.top)
    sent.top = now.serial
    sent.rank = rank
    sent.score = score
    client.sendLatest(frame, place)
  }

  /** Waits, not for long, for the names of the top. */
  const ensureNames = async (): Promise<void> => {
    await roster.ensure(view.topIds(TOP), NAMES_MS)
  }

  const send = async (lane: Lane, isMeasured: boolean): Promise<void> => {
    view.refresh()
    if (view.changes() === lane.sentChanges) {
      if (isMeasured) latency.unchanged()
      return
    }
    await ensureNames()
    const now = top()
    lane.sentChanges = hasNames ? newestChanges : UNKNOWN
    if (!hasNames) lane.ticks.poke() // sent without names rather than late, and again with them
    if (!view.isVisible() || lane.clients.size === 0) return
    onTick()
    const shown = isMeasured ? latency.showing() : undefined
    await view.hold(() => inSlices([...lane.clients], (client) => sendTo(client, now), budget.turn))
    shown?.()
  }

  const intervalOf = (viewer: Viewer, chosen: number | undefined): number => {
    switch (status()) {
      case 'lobby':
        return Math.max(LOBBY_INTERVAL_MS, chosen ?? 0)
      case 'question_open':
        return chosen ?? (viewer === 'player' ? playerIntervalMs : BOARD_INTERVAL_MS)
      default:
        return chosen ?? BOARD_INTERVAL_MS
    }
  }

  const laneOf = (client: StreamClient): string => `${client.board.intervalMs ?? client.viewer}`

  const openLane = (key: string, { viewer, board }: StreamClient): Lane => {
    const lane: Lane = {
      clients: new Set(),
      sentChanges: UNKNOWN,
      ticks: createTicks({
        budget,
        audience: () => lane.clients.size,
        intervalMs: () => intervalOf(viewer, board.intervalMs),
        // One after the other: all clients of a tick are sent the same state.
        run: () => {
          const isMeasured = key === 'player' || !lanes.has('player')
          sending = sending
            .then(() => send(lane, isMeasured))
            .catch((err: unknown) => logger.error({ err, sessionId }, 'fan-out failed'))
          return sending
        },
      }),
    }
    lanes.set(key, lane)
    return lane
  }

  return {
    replica,
    view,
    /** What is shown may have changed. */
    poke,
    own,
    top,
    ensureNames,
    /** The client has the present top, with its own place, from a snapshot. */
    hasTop: (client: StreamClient): void => {
      const place = own(client)
      const { rank, score } = place === '' ? NO_PLACE : place
      Object.assign(client.sent, { top: top().serial, rank, score })
      // An older board that a slow client has not been given yet would come after the snapshot.
      client.forget('leaderboard.updated')
      client.forget('leaderboard.changed')
    },
    /** To a client whose board is out of date. */
    sendTop: (client: StreamClient): void => {
      if (client.board.mode === 'none' || !view.isVisible()) return
      client.sent.top = UNKNOWN
      sendTo(client, top())
    },
    /** From now on the client gets changes. */
    add: (client: StreamClient): void => {
      if (client.board.mode === 'none') return
      const key = laneOf(client)
      const lane = lanes.get(key) ?? openLane(key, client)
      lane.clients.add(client)
      lane.ticks.poke() // a change that came before the lane was opened did not reach it
    },
    remove: (client: StreamClient): void => {
      const key = laneOf(client)
      const lane = lanes.get(key)
      if (lane === undefined || !lane.clients.delete(client) || lane.clients.size > 0) return
      lane.ticks.close()
      lanes.delete(key)
    },
    close: (): void => {
      for (const { ticks } of lanes.values()) ticks.close()
      lanes.clear()
      replica.close()
    },
  }
}

const NO_PLACE: OwnPlace = { rank: 0, score: 0 }

const isSameEntry = (a: LeaderboardEntry | undefined, b: LeaderboardEntry): boolean =>
  a !== undefined &&
  a.rank === b.rank &&
  a.score === b.score &&
  a.correctAnswers === b.correctAnswers &&
  a.nickname === b.nickname
