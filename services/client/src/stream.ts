import { type BoardEvent, type BoardState, EMPTY_BOARD, evolveBoard } from './board.ts'
import { createBoardChanges } from './board-changes.ts'
import { type Connection, type ConnectionEnd, type Message, type OpenConnection, sessionOver } from './connection.ts'
import { type EventOf, type EventType, FINAL_EVENTS, type PodiumEvent, type Snapshot } from './documents.ts'
import type { Http } from './http.ts'
import { createListeners, createSignal, type NextOptions } from './listeners.ts'
import { createPosition } from './position.ts'
import { clientProblem, type PodiumProblem } from './problem.ts'
import { createRequests, type Requests } from './requests.ts'
import { type AskTime, createServerClock, sampleTime, syncTime } from './server-clock.ts'
import { createSilence } from './silence.ts'
import { sseConnections } from './sse-connection.ts'
import { type Backoff, backoffMs } from './waiting.ts'
import { webSocketConnections } from './websocket-connection.ts'

export type StreamStatus = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

export interface StreamOptions {
  /** Default `ws`. */
  readonly transport?: 'ws' | 'sse'
  readonly backoff?: Backoff
  /** A connection that says nothing for so long counts as lost. Default 45 000. */
  readonly silenceMs?: number
  /**
   * What the server sends of the board: differences, of which `leaderboard.updated` is made here (`changes`, the default: a
   * tenth of the bytes), whole boards, or nothing but the snapshot and the end.
   */
  readonly board?: 'changes' | 'full' | 'none'
  /** Least time between two boards, 100 to 5 000. Default: the server's pace. */
  readonly boardIntervalMs?: number
}

/** The messages of one session, over as many connections as it takes. */
export interface EventStream {
  /**
   * Starts the stream, once. Resolves with its first snapshot; rejects with the problem that ended it before.
   * From then on it reconnects by itself until `close()` or until the server refuses it for good.
   */
  connect(): Promise<Snapshot>
  /** Returns the function that takes the listener off. `*` gets every message, also of types this version does not know. */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void
  on(type: '*', listener: (event: PodiumEvent) => void): () => void
  /** `problem` as of then. */
  onStatus(listener: (status: StreamStatus, problem: PodiumProblem | undefined) => void): () => void
  /** The next event of a type from now on. @throws PodiumProblem `client-timeout`, or what ended the stream */
  next<T extends EventType>(type: T, options?: NextOptions<T>): Promise<EventOf<T>>
  readonly status: StreamStatus
  /** Why there is no connection, while it is `waiting`, `connecting` again, or `closed` by the server. */
  readonly problem: PodiumProblem | undefined
  /** What to show; a new object with every change. Up to date when the listeners of an event are called. */
  readonly board: BoardState
  onBoard(listener: (board: BoardState) => void): () => void
  /** Position of the last event that had one. */
  readonly lastEventId: string | undefined
  /** Connections opened after the first. */
  readonly reconnects: number
  /** Undefined when we closed the stream, else why the server does not want us back. Never rejects. */
  readonly ended: Promise<PodiumProblem | undefined>
  /**
   * The server's clock in milliseconds since the epoch: the best of several measured round trips, off by half of one at
   * the most. Before the first, what the snapshot said.
   */
  serverNow(): number
  /** The device is back, the app in front again: reconnects without waiting, or finds out whether the connection lives. */
  wake(): void
  /** Loses the connection, as a bad network would. */
  drop(): void
  close(): void
}

/** When the app wakes: how long a connection may take to prove that it lives; how long an SSE stream may have said nothing. */
const PROOF_MS = 3_000
const QUIET_MS = 20_000

export interface InnerStream extends EventStream, Pick<Requests, 'request'> {
  /** Something that this side knows first. */
  tell(event: BoardEvent): void
}

/** @param askTimeElsewhere for a transport that cannot be asked */
export const createStream = (
  open: OpenConnection,
  random: () => number,
  options: StreamOptions,
  askTimeElsewhere?: AskTime,
): InnerStream => {
  const listeners = createListeners()
  const statuses = createSignal<StreamStatus>('idle')
  const boards = createSignal<BoardState>(EMPTY_BOARD)
  const position = createPosition()
  const whole = createBoardChanges()
  const clock = createServerClock()
  let connection: Connection | undefined
  const requests = createRequests((text) => connection?.send(text) ?? false)
  const askTime = (timeoutMs: number) => requests.request<{ now: number }>('time', undefined, timeoutMs)
  let reconnects = -1
  let failures = 0
  let trouble: PodiumProblem | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let syncing: AbortController | undefined
  let end: (problem: PodiumProblem | undefined) => void = () => undefined
  const ended = new Promise<PodiumProblem | undefined>((resolve) => {
    end = resolve
  })
  let firstSnapshot: Promise<Snapshot> | undefined

  const drop = (): void => connection?.close()
  // SSE is one-way; there the server's comments are the signs of life.
  const silence = createSilence({
    limitMs: options.silenceMs ?? 45_000,
    ask: (timeoutMs) => void sampleTime(askTime, clock, timeoutMs),
    giveUp: drop,
  })

  const isClosed = (): boolean => statuses.value === 'closed'

  const finish = (problem: PodiumProblem | undefined): void => {
    if (isClosed()) return
    trouble = problem
    statuses.set('closed')
    clearTimeout(retryTimer)
    silence.stop()
    syncing?.abort()
    const reason = problem ?? clientProblem('client-closed', 'the stream was closed')
    requests.fail(reason)
    listeners.fail(reason)
    connection?.close()
    end(problem)
  }

  /** The first message of a stream or of a connection that continues. */
  const arrived = (): void => {
    failures = 0
    trouble = undefined
    if (statuses.value === 'open') return
    statuses.set('open')
    syncing = new AbortController()
    void syncTime(askTimeElsewhere ?? askTime, clock, syncing.signal) // never rejects
  }

  const receive = (received: Message): void => {
    silence.heard()
    if (requests.settle(received)) return
    const news = position.take(received)
    const message = news === 'show' ? whole(received) : received
    if (news === 'behind' || message === undefined) drop()
    if (message === undefined) return
    const event = message as PodiumEvent
    if (news !== 'show') return
    if (event.type === 'session.snapshot') clock.hint(event.data.now)
    boards.set(evolveBoard(boards.value, event))
    arrived()
    listeners.emit(event)
    const reason = FINAL_EVENTS[message.type]
    if (reason !== undefined) finish(clientProblem(reason, 'the server ended the stream'))
  }

  const lost = ({ problem, reason, retryAfterMs }: ConnectionEnd): void => {
    connection = undefined
    silence.stop()
    syncing?.abort()
    if (isClosed()) return
    if (problem !== undefined) {
      finish(problem)
      return
    }
    if (boards.value.status === 'finished' || boards.value.status === 'cancelled') {
      finish(sessionOver('nothing comes after the end of the session'))
      return
    }
    trouble = reason ?? clientProblem('client-network', 'the connection was lost')
    requests.fail(trouble.status === 0 ? trouble : clientProblem('client-network', trouble.message, trouble))
    statuses.set('waiting')
    const waitMs = Math.max(retryAfterMs ?? 0, backoffMs(failures++, random, options.backoff))
    // A listener may have closed the stream a moment ago.
    if (!isClosed()) retryTimer = setTimeout(start, waitMs)
  }

  const start = (): void => {
    reconnects += 1
    statuses.set('connecting')
    if (isClosed()) return
    silence.heard()
    // A connection that was replaced or given up has nothing more to say.
    let over = false
    connection = open(position.last, {
      onOpen: () => {
        // A fresh WebSocket says something at once, so that the server does not wait for a `resume`. The reply stands in
        // line behind the snapshot, so it measures no round trip.
        const isFresh = position.last === undefined && askTimeElsewhere === undefined
        if (!over && isFresh) askTime(PROOF_MS).then(({ now }) => clock.hint(now), ignore)
      },
      onMessage: (message) => {
        if (over || isClosed()) return
        try {
          receive(message)
        } catch {
          drop() // no message of this API; listeners cannot throw to here
        }
      },
      onActivity: () => {
        if (!over && !isClosed()) silence.heard()
      },
      onEnd: (reason) => {
        if (over) return
        over = true
        lost(reason)
      },
    })
  }

  const wake = (): void => {
    const current = connection
    if (statuses.value === 'waiting') {
      clearTimeout(retryTimer)
      start()
    } else if (statuses.value === 'open' && askTimeElsewhere !== undefined) {
      if (silence.length() > QUIET_MS) drop()
    } else if (statuses.value === 'open') {
      void sampleTime(askTime, clock, PROOF_MS).then((lives) => {
        if (!lives && connection === current) drop()
      })
    }
  }

  return {
    connect: () => {
      if (firstSnapshot === undefined) {
        firstSnapshot = listeners.next('session.snapshot', { timeoutMs: Infinity }).then(({ data }) => data)
        // `ended` says the same.
        firstSnapshot.catch(ignore)
        if (isClosed()) listeners.fail(clientProblem('client-closed', 'the stream was closed'))
        else start()
      }
      return firstSnapshot
    },
    on: (type: EventType | '*', listener: (event: never) => void) =>
      listeners.on(type, listener as (event: PodiumEvent) => void),
    onStatus: (listener) => statuses.on((status) => listener(status, trouble)),
    next: listeners.next,
    get status() {
      return statuses.value
    },
    get problem() {
      return trouble
    },
    get board() {
      return boards.value
    },
    onBoard: boards.on,
    get lastEventId() {
      return position.last
    },
    get reconnects() {
      return Math.max(0, reconnects)
    },
    ended,
    serverNow: clock.now,
    wake,
    drop,
    close: () => finish(undefined),
    request: requests.request,
    tell: (event) => boards.set(evolveBoard(boards.value, event)),
  }
}

const ignore = (): void => undefined

/** The stream of a session over the transport of choice. */
export const openStream = (http: Http, sessionId: string, options: StreamOptions): InnerStream => {
  const { random } = http.platform
  const { transport, board = 'changes', boardIntervalMs } = options
  const query = `?board=${board}${boardIntervalMs === undefined ? '' : `&boardIntervalMs=${boardIntervalMs}`}`
  if (transport !== 'sse') return createStream(webSocketConnections(http, sessionId, query), random, options)
  const askTime = (timeoutMs: number) => http.json<{ now: number }>({ method: 'GET', path: '/v1/time', timeoutMs })
  return createStream(sseConnections(http, sessionId, query), random, options, askTime)
}
