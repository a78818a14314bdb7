import { type BoardEvent, type BoardState, EMPTY_BOARD, evolveBoard } from './board.ts'
import type { Connection, ConnectionEnd, Message, OpenConnection } from './connection.ts'
import type { EventStream, StreamOptions, StreamStatus } from './event-stream.ts'
import { type EventType, FINAL_EVENTS, type PodiumEvent, type SessionSnapshot } from './events.ts'
import { createListeners } from './listeners.ts'
import { createPosition } from './position.ts'
import { clientProblem, type PodiumProblem } from './problem.ts'
import { createRequests, type Requests } from './requests.ts'
import { createServerClock } from './server-clock.ts'
import { createSignal } from './signal.ts'
import { createSilence } from './silence.ts'
import { type AskTime, sampleTime, syncTime } from './time-sync.ts'
import { backoffMs } from './waiting.ts'

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
  const clock = createServerClock()
  let connection: Connection | undefined
  const requests = createRequests((text) => connection?.send(text) ?? false)
  const askTime = (timeoutMs: number) => requests.request<{ now: number }>('time', undefined, timeoutMs)
  let reconnects = -1
  let failures = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let syncing: AbortController | undefined
  let end: (problem: PodiumProblem | undefined) => void = () => undefined
  const ended = new Promise<PodiumProblem | undefined>((resolve) => {
    end = resolve
  })
  let firstSnapshot: Promise<SessionSnapshot> | undefined

  const drop = (): void => connection?.close()
  // On SSE nobody can be asked; there the server's comments are the signs of life.
  const silence = createSilence({
    limitMs: options.silenceMs ?? 45_000,
    ask: (timeoutMs) => void sampleTime(askTime, clock, timeoutMs),
    giveUp: drop,
  })

  const isClosed = (): boolean => statuses.value === 'closed'

  const finish = (problem: PodiumProblem | undefined): void => {
    if (isClosed()) return
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

  /** The first message of a stream or of a connection that goes on. */
  const arrived = (): void => {
    failures = 0
    if (statuses.value === 'open') return
    statuses.set('open')
    syncing = new AbortController()
    void syncTime(askTimeElsewhere ?? askTime, clock, syncing.signal) // never rejects
  }

  const receive = (message: Message): void => {
    silence.heard()
    if (requests.settle(message)) return
    const event = message as PodiumEvent
    const news = position.take(message)
    if (news === 'behind') drop()
    if (news !== 'show') return
    if (event.type === 'session.snapshot') clock.hint(event.data.now)
    boards.set(evolveBoard(boards.value, event))
    arrived()
    listeners.emit(event)
    const reason = FINAL_EVENTS[message.type]
    if (reason !== undefined) finish(clientProblem(reason, 'the server ended the stream'))
  }

  const lost = ({ problem, retryAfterMs }: ConnectionEnd): void => {
    connection = undefined
    silence.stop()
    syncing?.abort()
    if (isClosed()) return
    if (problem !== undefined) {
      finish(problem)
      return
    }
    requests.fail(clientProblem('client-network', 'the connection was lost'))
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
        // Who does not wait for it learns the same from `ended`.
        firstSnapshot.catch(ignore)
        if (isClosed()) listeners.fail(clientProblem('client-closed', 'the stream was closed'))
        else start()
      }
      return firstSnapshot
    },
    on: (type: EventType | '*', listener: (event: never) => void) =>
      listeners.on(type, listener as (event: PodiumEvent) => void),
    onStatus: statuses.on,
    next: listeners.next,
    get status() {
      return statuses.value
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
