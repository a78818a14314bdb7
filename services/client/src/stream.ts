import type { Connection, ConnectionEnd, Message, OpenConnection } from './connection.ts'
import type { EventOf, EventType, PodiumEvent, SessionSnapshot } from './events.ts'
import { callListener, createListeners, type NextOptions } from './listeners.ts'
import { clientProblem, type PodiumProblem } from './problem.ts'
import { createRequests, type Requests } from './requests.ts'
import { type Backoff, backoffMs } from './waiting.ts'

export type StreamStatus = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

export interface StreamOptions {
  /** Default `ws`. */
  readonly transport?: 'ws' | 'sse'
  readonly backoff?: Backoff
  /** A connection that says nothing for so long counts as lost. Default 45 000. */
  readonly silenceMs?: number
}

export interface EventStream {
  /**
   * Starts the stream, once. Resolves with its first snapshot; rejects with the problem that ended it before.
   * From then on it reconnects by itself until `close()` or until the server refuses it for good.
   */
  connect(): Promise<SessionSnapshot>
  /** Returns the function that takes the listener off. `*` gets every message, also of types this version does not know. */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void
  on(type: '*', listener: (event: PodiumEvent) => void): () => void
  onStatus(listener: (status: StreamStatus) => void): () => void
  /** The next event of a type from now on. @throws PodiumProblem `client-timeout`, or what ended the stream */
  next<T extends EventType>(type: T, options?: NextOptions<T>): Promise<EventOf<T>>
  readonly status: StreamStatus
  /** Position of the last event that had one. */
  readonly lastEventId: string | undefined
  /** Connections opened after the first. */
  readonly reconnects: number
  /** Undefined when we closed the stream, else why the server does not want us back. Never rejects. */
  readonly ended: Promise<PodiumProblem | undefined>
  /** The server's clock, as far as snapshots told it; never ahead of it. */
  serverNow(): number
  /** Loses the connection, as a bad network would. */
  drop(): void
  close(): void
}

/** Events after which the server ends the stream for good. */
const FINAL_EVENTS: Readonly<Record<string, 'player-removed' | 'player-replaced'>> = {
  'player.removed': 'player-removed',
  'player.replaced': 'player-replaced',
}

export const createStream = (
  open: OpenConnection,
  random: () => number,
  options: StreamOptions,
): EventStream & Pick<Requests, 'request'> => {
  const listeners = createListeners()
  const statusListeners = new Set<(status: StreamStatus) => void>()
  const silenceMs = options.silenceMs ?? 45_000
  let connection: Connection | undefined
  const requests = createRequests((text) => connection?.send(text) ?? false)
  let status: StreamStatus = 'idle'
  let lastEventId: string | undefined
  let reconnects = -1
  let failures = 0
  let clockOffset = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let silenceTimer: ReturnType<typeof setTimeout> | undefined
  let end: (problem: PodiumProblem | undefined) => void = () => undefined
  const ended = new Promise<PodiumProblem | undefined>((resolve) => {
    end = resolve
  })
  let firstSnapshot: Promise<SessionSnapshot> | undefined

  const setStatus = (next: StreamStatus): void => {
    if (status === next) return
    status = next
    for (const listener of [...statusListeners]) callListener(listener, next)
  }

  const finish = (problem: PodiumProblem | undefined): void => {
    if (status === 'closed') return
    setStatus('closed')
    clearTimeout(retryTimer)
    clearTimeout(silenceTimer)
    const reason = problem ?? clientProblem('client-closed', 'the stream was closed')
    requests.fail(reason)
    listeners.fail(reason)
    connection?.close()
    end(problem)
  }

  const heard = (): void => {
    clearTimeout(silenceTimer)
    const drop = () => connection?.close()
    // Half-way through the silence a WebSocket is asked for a sign of life; on SSE the server's comments are one.
    const ask = () => {
      silenceTimer = setTimeout(drop, silenceMs / 2)
      requests.request('time', undefined, silenceMs / 2).catch(() => undefined)
    }
    silenceTimer = setTimeout(ask, silenceMs / 2)
  }

  const receive = (message: Message): void => {
    heard()
    if (requests.settle(message)) return
    const event = message as PodiumEvent
    if (event.type === 'session.snapshot') {
      clockOffset = event.data.now - Date.now()
    } else if (message.id !== undefined && isRepeated(message.id, lastEventId)) {
      return
    }
    lastEventId = message.id ?? lastEventId
    failures = 0
    setStatus('open')
    listeners.emit(event)
    const reason = FINAL_EVENTS[message.type]
    if (reason !== undefined) finish(clientProblem(reason, 'the server ended the stream'))
  }

  const lost = ({ problem, retryAfterMs }: ConnectionEnd): void => {
    connection = undefined
    clearTimeout(silenceTimer)
    if (status === 'closed') return
    if (problem !== undefined) {
      finish(problem)
      return
    }
    requests.fail(clientProblem('client-network', 'the connection was lost'))
    setStatus('waiting')
    retryTimer = setTimeout(start, Math.max(retryAfterMs ?? 0, backoffMs(failures++, random, options.backoff)))
  }

  const start = (): void => {
    reconnects += 1
    setStatus('connecting')
    heard()
    // A connection that was replaced or given up has nothing more to say.
    let over = false
    connection = open(lastEventId, {
      onMessage: (message) => {
        if (!over && status !== 'closed') receive(message)
      },
      onActivity: heard,
      onEnd: (reason) => {
        if (over) return
        over = true
        lost(reason)
      },
    })
  }

  return {
    connect: () => {
      if (firstSnapshot === undefined) {
        firstSnapshot = listeners.next('session.snapshot', { timeoutMs: Infinity }).then(({ data }) => data)
        // Who does not wait for it learns the same from `ended`.
        firstSnapshot.catch(() => undefined)
        if (status === 'closed') listeners.fail(clientProblem('client-closed', 'the stream was closed'))
        else start()
      }
      return firstSnapshot
    },
    on: (type: EventType | '*', listener: (event: never) => void) =>
      listeners.on(type, listener as (event: PodiumEvent) => void),
    onStatus: (listener) => {
      statusListeners.add(listener)
      return () => void statusListeners.delete(listener)
    },
    next: listeners.next,
    get status() {
      return status
    },
    get lastEventId() {
      return lastEventId
    },
    get reconnects() {
      return Math.max(0, reconnects)
    },
    ended,
    serverNow: () => Date.now() + clockOffset,
    drop: () => connection?.close(),
    close: () => finish(undefined),
    request: requests.request,
  }
}

/** Positions are whole numbers that grow; one that we have had already was sent again. */
const isRepeated = (id: string, last: string | undefined): boolean =>
  last !== undefined && /^\d{1,15}$/.test(id) && /^\d{1,15}$/.test(last) && Number(id) <= Number(last)
