import type { Clock } from '#platform/clock'
import type { CloseReason } from './close.ts'
import type { Frame, FrameEncoder, OwnMembers } from './frame.ts'
import type { StreamLimits } from './limits.ts'
import type { Admission, StreamClient } from './ports.ts'

/** The sending side of one connection. Called only while it is open. */
export interface Pipe {
  /** Takes the bytes in any case; false when further ones had better wait for `WritableClient.flush`. */
  write(bytes: Uint8Array): boolean
  /** A sign of life; undefined where the protocol has its own. */
  readonly heartbeat: Uint8Array | undefined
  close(reason: CloseReason): void
}

/** What a process has sent to its clients. */
export interface StreamCounters {
  opened: number
  open: number
  /** Open, and taking no more at the moment. */
  paused: number
  /** By our reason, or because the client went away. */
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
    replaced: 0,
    errors: 0,
    client: 0,
  },
  deliveries: 0,
  stalls: 0,
  conflated: 0,
})

export interface WritableClient extends StreamClient {
  /** Sends a message of this client only, already in the protocol's form; otherwise as `deliver`. */
  reply(text: string): void
  /** The connection can take more: what waits is written. True when it takes more still; undefined when nothing waited. */
  flush(): boolean | undefined
  /** The connection is gone. */
  gone(): void
}

export interface StreamClientOptions {
  readonly pipe: Pipe
  readonly encoder: FrameEncoder
  readonly admission: Admission
  readonly counters: StreamCounters
  readonly clock: Clock
  readonly limits: StreamLimits
}

interface Waiting {
  /** Messages that must not be lost. */
  readonly queue: Uint8Array[]
  /** The newest state of each type. */
  readonly states: Map<string, { readonly frame: Frame; readonly own: OwnMembers }>
  bytes: number
  readonly since: number
}

/** Bounded buffering for one client: events wait in order, states replace each other, and whoever stalls is closed. */
export const createStreamClient = (options: StreamClientOptions): WritableClient => {
  const { pipe, encoder, admission, counters, clock, limits } = options
  const { player, principal } = admission
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
    // What was said before the end comes before the end, if the client takes it.
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

  const show = (frame: Frame, own: OwnMembers = ''): void => {
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
    for (const { frame, own } of states.values()) show(frame, own)
    return queue.length + states.size === 0 ? undefined : waiting === undefined
  }

  return {
    player,
    position: 0,
    seat: undefined,
    isOpen: () => isOpen,
    deliver: (frame, own = '') => {
      if (isOpen) enqueue(encoder.encode(frame, own))
    },
    reply: (text) => {
      if (isOpen) enqueue(Buffer.from(text))
    },
    show,
    close,
    flush,
    sweep: (now, monotonic) => {
      if (!isOpen) return
      if (principal.expiresAt * 1_000 <= now) close('token')
      else if (waiting !== undefined) {
        if (monotonic - waiting.since > limits.stalledMs) close('slow')
      } else if (pipe.heartbeat !== undefined && monotonic >= heartbeatAt) {
        heartbeatAt = monotonic + limits.heartbeatMs
        if (!pipe.write(pipe.heartbeat)) stall()
      }
    },
    gone: () => {
      if (isOpen) over('client')
    },
  }
}
