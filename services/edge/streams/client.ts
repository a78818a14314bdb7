import type { Clock } from '#platform/clock'
import type { PlayerPrincipal, Principal } from '#platform/tokens/token-verifier'
import type { StreamQuery } from '../api/request-schemas.ts'
import type { Seat } from '../board/board.ts'
import type { Frame, FrameEncoder, OwnMembers } from './frame.ts'
import type { ProbeKind } from './round-trips.ts'
import { viewerOf } from './visibility.ts'

/** Why the edge ends a stream. WebSocket close codes: 4000–4499 invite the client back, 4500–4999 do not. */
export const CLOSE_CODES = {
  /** The client takes less than it is sent. */
  slow: 4408,
  /** The edge lost track of the session's events; a new connection starts with a snapshot. */
  'position-lost': 4410,
  draining: 4412,
  /** The token has expired. */
  token: 4501,
  removed: 4503,
  /** The session is over, and its end was sent a while ago. */
  'session-over': 4504,
  /** The player continues on another connection. */
  replaced: 4505,
  /** Too many bad requests. */
  errors: 4509,
} as const

export type CloseReason = keyof typeof CLOSE_CODES

/** Times and sizes of streams; shorter and smaller ones in tests. */
export interface StreamLimits {
  /** Milliseconds that a new WebSocket has to name its position, before it gets a snapshot. */
  readonly greetingMs: number
  /** Bytes that wait for a slow client here, besides what its connection has taken already. */
  readonly waitingBytes: number
  /** Milliseconds after which a connection that has taken nothing is closed. */
  readonly stalledMs: number
  /** Milliseconds between signs of life where the protocol has none of its own. */
  readonly heartbeatMs: number
  /** Seconds of silence after which a WebSocket is closed; it is pinged 16 s before. At least 8. */
  readonly idleSeconds: number
  /** Milliseconds after which the stream of a session that is over is closed. */
  readonly overMs: number
}

export const STREAM_LIMITS: StreamLimits = {
  greetingMs: 500,
  waitingBytes: 64 * 1024,
  stalledMs: 10_000,
  heartbeatMs: 15_000,
  idleSeconds: 40,
  overMs: 30_000,
}

/** How a client wants the board, as its query says. */
export interface BoardOptions {
  /** Whole frames, differences that the client folds, or nothing. */
  readonly mode: 'full' | 'changes' | 'none'
  /** Milliseconds between frames; undefined for the usual pace. */
  readonly intervalMs: number | undefined
}

/** Of a stream's query. */
export const boardOptionsOf = ({ board = 'full', boardIntervalMs }: StreamQuery): BoardOptions => ({
  mode: board,
  // In steps, so that clients with about the same interval share their ticks.
  intervalMs: boardIntervalMs && Math.ceil(boardIntervalMs / INTERVAL_STEP_MS) * INTERVAL_STEP_MS,
})

const INTERVAL_STEP_MS = 50

/** A caller that may have a stream. */
export interface Subscriber {
  readonly principal: Principal
  readonly sessionId: string
  /** Undefined for the host and for displays. */
  readonly player: PlayerPrincipal | undefined
  readonly board: BoardOptions
}

/** The sending side of one connection. Called only while it is open. Two protocols, and a double in tests. */
export interface Pipe {
  /** Takes the bytes in any case; false when further ones should wait for `StreamClient.flush`. */
  write(bytes: Uint8Array): boolean
  /** A sign of life; undefined where the protocol has its own. */
  readonly heartbeat: Uint8Array | undefined
  /** Sends a ping of which the pong is awaited; undefined where the protocol has none. */
  readonly probe?: ((kind: ProbeKind) => void) | undefined
  close(reason: CloseReason): void
}

/** What a process has sent to its clients. */
export interface StreamCounters {
  opened: number
  open: number
  /** Open, and taking no more at the moment. */
  paused: number
  /** By our reason, or because the client disconnected. */
  readonly closed: Record<CloseReason | 'client', number>
  /** Messages written. */
  deliveries: number
  /** Times that a connection took no more for a while. */
  stalls: number
  /** States that a newer one replaced before a slow client could take them. */
  conflated: number
}

export const createStreamCounters = (): StreamCounters => ({
  opened: 0,
  open: 0,
  paused: 0,
  closed: {
    slow: 0,
    'position-lost': 0,
    draining: 0,
    token: 0,
    removed: 0,
    'session-over': 0,
    replaced: 0,
    errors: 0,
    client: 0,
  },
  deliveries: 0,
  stalls: 0,
  conflated: 0,
})

interface Waiting {
  /** Messages that must not be lost. */
  readonly queue: Uint8Array[]
  /** The newest state of each type. */
  readonly states: Map<string, { readonly frame: Frame; readonly own: OwnMembers }>
  bytes: number
  readonly since: number
}

/** One connected client, whatever the protocol. Nothing here throws, also after the connection is gone. */
export type StreamClient = ReturnType<typeof createStreamClient>

/** Bounded buffering for one client: events wait in order, states replace each other, a client that stalls is closed. */
export const createStreamClient = (options: {
  readonly pipe: Pipe
  readonly encoder: FrameEncoder
  readonly subscriber: Subscriber
  readonly counters: StreamCounters
  readonly clock: Clock
  readonly limits: StreamLimits
}) => {
  const { pipe, encoder, subscriber, counters, clock, limits } = options
  const { player, principal, board } = subscriber
  const { write: put } = pipe
  let isOpen = true
  /** Set while the connection takes no more. */
  let waiting: Waiting | undefined
  let heartbeatAt = clock.monotonic() + limits.heartbeatMs * (0.5 + Math.random() / 2)

  const stall = (): void => {
    if (waiting !== undefined) return
    counters.stalls += 1
    counters.paused += 1
    waiting = { queue: [], states: new Map(), bytes: 0, since: clock.monotonic() }
  }

  const write = (bytes: Uint8Array): boolean => {
    counters.deliveries += 1
    const isFree = put(bytes)
    if (!isFree) stall()
    return isFree
  }

  counters.opened += 1
  counters.open += 1
  const over = (reason: CloseReason | 'client'): void => {
    if (waiting !== undefined) counters.paused -= 1
    counters.open -= 1
    counters.closed[reason] += 1
    isOpen = false
    waiting = undefined
  }

  const close = (reason: CloseReason): void => {
    if (!isOpen) return
    // What was sent before the end arrives before the end, if the client takes it.
    if (reason !== 'slow') for (const bytes of waiting?.queue ?? []) pipe.write(bytes)
    over(reason)
    pipe.close(reason)
  }

  const enqueue = (bytes: Uint8Array): void => {
    if (waiting === undefined) {
      write(bytes)
    } else if (waiting.bytes + bytes.length > limits.waitingBytes) {
      close('slow')
    } else {
      waiting.queue.push(new Uint8Array(bytes)) // a copy: the encoder uses its memory again
      waiting.bytes += bytes.length
    }
  }

  const sendLatest = (frame: Frame, own: OwnMembers = ''): void => {
    if (!isOpen) return
    if (waiting === undefined) {
      write(encoder.encode(frame, own))
      return
    }
    if (waiting.states.has(frame.type)) counters.conflated += 1
    // A copy: a place is that of the newest board when it is read.
    waiting.states.set(frame.type, { frame, own: typeof own === 'string' ? own : { rank: own.rank, score: own.score } })
  }

  const flush = (): boolean | undefined => {
    if (waiting === undefined) return undefined
    const { queue, states } = waiting
    waiting = undefined
    counters.paused -= 1
    for (const bytes of queue) enqueue(bytes) // written, until the connection is full again
    for (const { frame, own } of states.values()) sendLatest(frame, own)
    return queue.length + states.size === 0 ? undefined : waiting === undefined
  }

  return {
    /** Undefined for the host. */
    player,
    viewer: viewerOf(principal),
    /** Position of the last event that this client has; set by the sender. */
    position: 0,
    board,
    /** What the last board that was sent said; set by the sender. */
    sent: { top: -1, rank: 0, score: 0 },
    /** The player's seat on the board once it was looked up; set by the sender. */
    seat: undefined as Seat | undefined,
    isOpen: (): boolean => isOpen,
    /** The connection takes no more at the moment. */
    isBehind: (): boolean => waiting !== undefined,
    /** In order and without loss; a client that cannot take it is closed. */
    send: (frame: Frame, own: OwnMembers = ''): void => {
      if (isOpen) enqueue(encoder.encode(frame, own))
    },
    /** A message of this client only, already in the protocol's form; otherwise as `send`. */
    reply: (text: string): void => {
      if (isOpen) enqueue(Buffer.from(text))
    },
    /** Measures the network of a player right behind what was sent last, where that is possible. */
    probe: (kind: ProbeKind): void => {
      if (isOpen && player !== undefined && waiting === undefined) pipe.probe?.(kind)
    },
    /** State of which only the newest matters: a client that is behind gets the last of each type when it can take it. */
    sendLatest,
    /** A state of this type that waits is out of date. */
    forget: (type: string): void => {
      waiting?.states.delete(type)
    },
    close,
    /** The connection can take more: what waits is written. True when it takes more still; undefined when nothing waited. */
    flush,
    /** Called about once a second: heartbeat, expired and withdrawn tokens, stalled connections. Times as of `Clock`. */
    sweep: (now: number, monotonic: number, isWithdrawn: (principal: Principal) => boolean): void => {
      if (!isOpen) return
      if (principal.expiresAt * 1_000 <= now || isWithdrawn(principal)) close('token')
      else if (waiting !== undefined) {
        if (monotonic - waiting.since > limits.stalledMs) close('slow')
      } else if (pipe.heartbeat !== undefined && monotonic >= heartbeatAt) {
        heartbeatAt = monotonic + limits.heartbeatMs
        if (!pipe.write(pipe.heartbeat)) stall()
      }
    },
    /** The connection is gone. */
    gone: (): void => {
      if (isOpen) over('client')
    },
  }
}
