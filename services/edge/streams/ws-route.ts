import { DISABLED, type WebSocket } from 'uWebSockets.js'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { AcceptAnswer } from '../answers/accept-answer.ts'
import type { RequestSchemas } from '../api/request-schemas.ts'
import type { Authentication } from '../auth/authentication.ts'
import { createFaultLog } from '../http/refusals.ts'
import type { SocketRoute } from '../http/router.ts'
import { createStreamClient, type Pipe, type StreamCounters, type WritableClient } from './client.ts'
import { CLOSE_CODES, type CloseReason } from './close.ts'
import { createCorkAnchor } from './cork-anchor.ts'
import type { FrameEncoder } from './frame.ts'
import type { StreamLimits } from './limits.ts'
import type { Streams } from './open.ts'
import type { AnswerCall } from './ws-answer-watch.ts'
import { createGreeting, type Greeting } from './ws-greeting.ts'
import { createWsRequests, type WsRequests } from './ws-requests.ts'
import { type Caller, createWsUpgrade } from './ws-upgrade.ts'

const PATH = '/v1/sessions/:sessionId/ws'

/** Larger than any request of the API. */
const MAX_MESSAGE_BYTES = 4 * 1024

/** The driver drops messages beyond this; what waits for a slow client is counted before, so that a close code still fits. */
const MAX_DRIVER_BYTES = 128 * 1024

/** Longest wait for requests under way at the end; a PubAck takes less. */
const DRAIN_LIMIT_MS = 2_000

/** Spread of the reconnects after a drain. */
const RECONNECT_SPREAD_MS = 3_000

/** What the driver's `send` returns when it holds nothing back. */
const SENT = 1

/** Close reasons are for people, but for this one a client can use a hint: when to come back. */
const closeText = (reason: CloseReason): string =>
  reason === 'draining' ? JSON.stringify({ retryAfterMs: Math.floor(Math.random() * RECONNECT_SPREAD_MS) }) : reason

interface Connection {
  readonly caller: Caller
  client: WritableClient | undefined
  greeting: Greeting | undefined
  started: Promise<void>
  requests: WsRequests | undefined
}

export interface WsRouteDeps {
  readonly authentication: Authentication
  readonly streams: Streams
  readonly acceptAnswer: AcceptAnswer
  readonly watchAnswer: (traceparent: string) => AnswerCall
  readonly schemas: RequestSchemas
  readonly encoder: FrameEncoder
  readonly counters: StreamCounters
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: StreamLimits
}

export interface WsRoute extends SocketRoute {
  /** Begins nothing new; resolves when the requests under way are answered, or after 2 s. */
  drain(): Promise<void>
  close(): Promise<void>
}

export const createWsRoute = (deps: WsRouteDeps): WsRoute => {
  const { authentication, streams, acceptAnswer, watchAnswer, schemas, encoder, counters, clock, logger, limits } = deps

  const anchor = createCorkAnchor()
  const logFault = createFaultLog(logger)
  let underWay = 0
  let drained: (() => void) | undefined

  const handle = async (requests: WsRequests, text: string): Promise<void> => {
    underWay += 1
    await requests.onMessage(text)
    underWay -= 1
    if (underWay === 0) drained?.()
  }

  const createPipe = (ws: WebSocket<Connection>): Pipe => ({
    heartbeat: undefined, // the driver pings
    write: (bytes) => ws.send(bytes) === SENT,
    close: (reason) => ws.end(CLOSE_CODES[reason], closeText(reason)),
  })

  const onOpen = (ws: WebSocket<Connection>): void => {
    const connection = ws.getUserData()
    const { admission } = connection.caller
    connection.client = createStreamClient({ pipe: createPipe(ws), encoder, admission, counters, clock, limits })
    connection.greeting = createGreeting(limits.greetingMs)
    connection.started = streams.start(connection.client, admission, connection.greeting.position)
  }

  const onMessage = (ws: WebSocket<Connection>, data: ArrayBuffer): void => {
    const connection = ws.getUserData()
    const { caller, client } = connection
    if (client === undefined) return
    connection.requests ??= createWsRequests({
      admission: caller.admission,
      context: caller.context,
      acceptAnswer,
      watchAnswer,
      messages: schemas.messages,
      begin: (position) => connection.greeting?.end(position) ?? false,
      started: connection.started,
      restate: () => streams.restate(client, caller.admission),
      isDraining: () => drained !== undefined,
      reply: client.reply,
      giveUp: () => client.close('errors'),
      clock,
      logFault,
    })
    // A copy: the driver takes its memory back when this returns.
    void handle(connection.requests, Buffer.from(data).toString()) // never rejects
  }

  return {
    path: PATH,
    drain: () =>
      new Promise((resolve) => {
        drained = resolve
        if (underWay === 0) resolve()
        else setTimeout(resolve, DRAIN_LIMIT_MS).unref()
      }),
    close: async () => (await anchor).close(),
    register: (app, front) => {
      app.ws<Connection>(PATH, {
        compression: DISABLED,
        maxPayloadLength: MAX_MESSAGE_BYTES,
        maxBackpressure: MAX_DRIVER_BYTES,
        closeOnBackpressureLimit: false,
        idleTimeout: limits.idleSeconds,
        sendPingsAutomatically: true,
        upgrade: createWsUpgrade<Connection>({
          authentication,
          streams,
          anchor,
          logger,
          front,
          open: (caller) => ({
            caller,
            client: undefined,
            greeting: undefined,
            started: Promise.resolve(),
            requests: undefined,
          }),
        }),
        open: onOpen,
        message: onMessage,
        drain: (ws) => {
          if (ws.getBufferedAmount() === 0) ws.getUserData().client?.flush()
        },
        close: (ws) => {
          front.socketClosed()
          const { client, greeting } = ws.getUserData()
          if (client === undefined) return
          greeting?.end(undefined)
          client.gone()
          streams.end(client)
        },
      })
    },
  }
}
