import { DISABLED, type WebSocket } from 'uWebSockets.js'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import { createTokenBucket, type TokenBucket } from '#platform/rates'
import type { AcceptAnswer } from '../answers/accept-answer.ts'
import type { RequestSchemas } from '../api/request-schemas.ts'
import type { Authentication } from '../auth/authentication.ts'
import { createFaultLog } from '../http/problem.ts'
import type { SocketRoute } from '../http/router.ts'
import {
  CLOSE_CODES,
  type CloseReason,
  createStreamClient,
  type Pipe,
  type StreamClient,
  type StreamCounters,
  type StreamLimits,
} from './client.ts'
import type { FrameEncoder } from './frame.ts'
import type { OpenStreams } from './open.ts'
import type { NetworkDelays, RoundTrips } from './round-trips.ts'
import { type AnswerCall, createGreeting, createWsRequests, type WsRequests } from './ws-requests.ts'
import { type Caller, createCorkAnchor, createWsUpgrade } from './ws-upgrade.ts'

const PATH = '/v1/sessions/:sessionId/ws'

/** Larger than any request of the API. */
const MAX_MESSAGE_BYTES = 4 * 1024

/** The driver drops messages beyond this; what waits for a slow client is counted before, so that a close code still fits. */
const MAX_DRIVER_BYTES = 128 * 1024

/** Longest wait for requests under way at the end; a PubAck takes less. */
const DRAIN_LIMIT_MS = 2_000

/** Pings and pongs of one connection; a client sends a few a minute, and the driver answers every ping. */
const CONTROL_FRAMES = { burst: 20, perSecond: 2 } as const

/** Spread of the reconnects after a drain. */
const RECONNECT_SPREAD_MS = 3_000

/** What the driver's `send` returns when it holds nothing back. */
const SENT = 1

/** A close reason is for people; only `draining` has a hint for the client, when to reconnect. */
const closeText = (reason: CloseReason): string =>
  reason === 'draining' ? JSON.stringify({ retryAfterMs: Math.floor(Math.random() * RECONNECT_SPREAD_MS) }) : reason

interface Connection {
  readonly caller: Caller
  client: StreamClient | undefined
  greeting: ReturnType<typeof createGreeting> | undefined
  started: Promise<void>
  /** Of a player. */
  roundTrips: RoundTrips | undefined
  requests: WsRequests | undefined
  /** Made with the first control frame. */
  controlFrames: TokenBucket | undefined
}

export interface WsRoute extends SocketRoute {
  /** Begins nothing new; resolves when the requests under way are answered, or after 2 s. */
  drain(): Promise<void>
  close(): Promise<void>
}

export const createWsRoute = (deps: {
  readonly authentication: Authentication
  readonly streams: OpenStreams
  readonly acceptAnswer: AcceptAnswer
  readonly watchAnswer: (traceparent: string) => AnswerCall
  readonly schemas: RequestSchemas
  readonly encoder: FrameEncoder
  readonly counters: StreamCounters
  readonly delays: Pick<NetworkDelays, 'of'>
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: StreamLimits
}): WsRoute => {
  const {
    authentication,
    streams,
    acceptAnswer,
    watchAnswer,
    schemas,
    encoder,
    counters,
    delays,
    clock,
    logger,
    limits,
  } = deps
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

  const createPipe = (ws: WebSocket<Connection>, roundTrips: RoundTrips | undefined): Pipe => ({
    heartbeat: undefined, // the driver pings
    write: (bytes) => ws.send(bytes) === SENT,
    probe: roundTrips && ((kind) => void ws.ping(roundTrips.probe(kind))),
    close: (reason) => ws.end(CLOSE_CODES[reason], closeText(reason)),
  })

  const onOpen = (ws: WebSocket<Connection>): void => {
    const connection = ws.getUserData()
    const { subscriber } = connection.caller
    const { player } = subscriber
    connection.roundTrips = player && delays.of(player.playerId)
    const pipe = createPipe(ws, connection.roundTrips)
    connection.client = createStreamClient({ pipe, encoder, subscriber, counters, clock, limits })
    connection.greeting = createGreeting(limits.greetingMs)
    connection.started = streams.start(connection.client, subscriber, connection.greeting.position)
  }

  const onMessage = (ws: WebSocket<Connection>, data: ArrayBuffer): void => {
    const connection = ws.getUserData()
    const { caller, client } = connection
    if (client === undefined) return
    connection.requests ??= createWsRequests({
      subscriber: caller.subscriber,
      context: caller.context,
      acceptAnswer,
      watchAnswer,
      messages: schemas.messages,
      begin: (position) => connection.greeting?.end(position) ?? false,
      started: connection.started,
      resendSnapshot: () => streams.resendSnapshot(client, caller.subscriber),
      isDraining: () => drained !== undefined,
      reply: client.reply,
      giveUp: () => client.close('errors'),
      clock,
      logFault,
    })
    // A copy: the driver takes its memory back when this returns.
    void handle(connection.requests, Buffer.from(data).toString()) // never rejects
  }

  /** They make no reply of ours, but a flood of them keeps the event loop from everything else. */
  const onControlFrame = (ws: WebSocket<Connection>): void => {
    const connection = ws.getUserData()
    const now = clock.monotonic()
    connection.controlFrames ??= createTokenBucket(CONTROL_FRAMES, now)
    if (connection.controlFrames.take(now) > 0) connection.client?.close('errors')
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
          schemas,
          anchor,
          logger,
          front,
          open: (caller) => ({
            caller,
            client: undefined,
            greeting: undefined,
            started: Promise.resolve(),
            roundTrips: undefined,
            requests: undefined,
            controlFrames: undefined,
          }),
        }),
        open: onOpen,
        message: onMessage,
        ping: onControlFrame,
        pong: (ws, payload) => {
          const { roundTrips } = ws.getUserData()
          if (!roundTrips?.pong(Buffer.from(payload).toString())) onControlFrame(ws)
        },
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
