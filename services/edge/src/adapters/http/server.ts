import {
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js'
import { type ErrorCode, PodiumError } from '#lib/errors'
import type { Logger } from '#lib/logger'
import { createBodyReader } from './body.ts'
import { type ClientAddresses, createClientAddresses } from './client-addresses.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { problemReply, toProblem } from './problem.ts'
import { noContent, type Reply, writeReply } from './reply.ts'
import { carriesToken, NO_TOKEN_IN_URL, type Request, readRequest } from './request.ts'
import { PLAIN_HEADS, type ResponseHeads } from './response-heads.ts'
import { createRouter, type ReplyRoute, type Route, type SocketRoute, type StreamRoute } from './router.ts'
import { createApp, type TlsFiles } from './tls.ts'

export interface HttpServerOptions {
  readonly host: string
  /** 0 = any free port. Several processes can listen on one port. */
  readonly port: number
  /** Without it the server speaks plain HTTP. */
  readonly tls?: TlsFiles | undefined
  readonly routes: readonly Route[]
  readonly sockets: readonly SocketRoute[]
  readonly logger: Logger
  /** Default: X-Forwarded-For is ignored. */
  readonly addresses?: ClientAddresses
  /** Default: no other origin is allowed. */
  readonly heads?: ResponseHeads
  /** Requests under way at which further ones get `unavailable`. Default 20 000. */
  readonly maxRequests?: number
}

export interface HttpServer {
  readonly port: number
  /** Takes no new connections, answers new requests with 503; resolves when those under way are answered, or after 5 s. */
  drain(): Promise<void>
  /** Cuts every connection. */
  close(): void
}

/** Longest wait for requests under way at the end; a PubAck takes less, an import may not make it. */
const DRAIN_LIMIT_MS = 5_000

/** Nobody's X-Forwarded-For is believed. */
const PEERS = createClientAddresses()

const WARN_EVERY_MS = 1_000

/** Of a body that nobody reads the driver swallows this much for the sake of the connection. */
const MAX_SWALLOWED_BYTES = 8 * 1024 * 1024

const mayGoOnForLong = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== '' || Number(headers['content-length']) > MAX_SWALLOWED_BYTES

/** @throws Error when the port is taken. */
export const startHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const { host, port, routes, sockets, logger, heads = PLAIN_HEADS, addresses = PEERS, maxRequests = 20_000 } = options
  const router = createRouter([...routes, ...sockets.map(upgradeOnly)])
  const bodies = createBodyReader()
  let underWay = 0
  let draining = false
  let onIdle: (() => void) | undefined

  // An outage refuses thousands of requests a second, for one reason.
  let warnedAt = Number.NEGATIVE_INFINITY
  let unmentioned = 0
  const warn = (details: object): void => {
    const now = performance.now()
    if (now - warnedAt < WARN_EVERY_MS) {
      unmentioned += 1
      return
    }
    logger.warn({ ...details, unmentioned }, 'request not served')
    warnedAt = now
    unmentioned = 0
  }

  const refusal = (error: unknown, request: Request, allow?: string): Reply => {
    const problem = toProblem(error, request)
    const { code, traceId } = problem
    if (code === 'internal') logger.error({ err: error, traceId, path: request.path }, 'request failed')
    else if (code === 'unavailable') warn({ err: error, traceId, path: request.path })
    return problemReply(problem, allow === undefined ? {} : { allow })
  }

  const send = (res: HttpResponse, exchange: Exchange, request: Request, reply: Reply, isRead = false): void => {
    if (!exchange.isOpen() || exchange.isTaken()) return
    exchange.ended()
    const close = draining || (!isRead && mayGoOnForLong(request))
    writeReply(res, close ? { ...reply, close } : reply, request.head, request.method === 'HEAD')
  }

  const answer = async (
    res: HttpResponse,
    exchange: Exchange,
    request: Request,
    route: ReplyRoute,
    body: Promise<string> | undefined,
  ): Promise<void> => {
    let isRead = false
    try {
      const text = body === undefined ? '' : await body
      isRead = body !== undefined
      send(res, exchange, request, await route.handle(request, text), isRead)
    } catch (err) {
      if (exchange.isOpen()) send(res, exchange, request, refusal(err, request), isRead)
    }
  }

  const stream = async (res: HttpResponse, exchange: Exchange, request: Request, route: StreamRoute): Promise<void> => {
    try {
      await route.stream(request, exchange)
    } catch (err) {
      if (exchange.isTaken()) logger.error({ err, traceId: request.traceId(), path: request.path }, 'stream failed')
      else if (exchange.isOpen()) send(res, exchange, request, refusal(err, request))
    }
  }

  const track = async (work: Promise<void>): Promise<void> => {
    underWay += 1
    await work
    underWay -= 1
    if (underWay === 0) onIdle?.()
  }

  const onRequest = (res: HttpResponse, req: HttpRequest): void => {
    const exchange = createExchange(res)
    const match = router.match(req.getCaseSensitiveMethod(), req.getUrl())
    const head = heads.of(req)
    const address = match.kind === 'found' && match.route.wantsAddress === true ? addresses.of(res, req) : ''
    const request =
      match.kind === 'found' ? readRequest(req, head, match.params, match.headerNames, address) : readRequest(req, head)
    const refuse = (code: ErrorCode, detail?: string, allow?: string): void => {
      const error = new PodiumError(code, detail === undefined ? {} : { detail })
      send(res, exchange, request, refusal(error, request, allow))
    }

    if (match.kind === 'not-found') refuse('not-found')
    else if (match.kind === 'wrong-method') {
      const preflight = request.method === 'OPTIONS' ? heads.preflight(req.getHeader('origin')) : undefined
      if (preflight === undefined) refuse('method-not-allowed', undefined, match.allow)
      else send(res, exchange, { ...request, head: preflight }, noContent())
    } else if (carriesToken(request.query)) refuse('malformed', NO_TOKEN_IN_URL)
    else if (draining || underWay >= maxRequests) refuse('unavailable')
    else if ('stream' in match.route) void track(stream(res, exchange, request, match.route))
    else {
      const { maxBodyBytes = 0 } = match.route
      const body = maxBodyBytes === 0 ? undefined : bodies.read(res, request, exchange, maxBodyBytes)
      void track(answer(res, exchange, request, match.route, body))
    }
  }

  const app = createApp(options.tls)
  for (const socket of sockets) socket.register(app, heads)
  app.any('/*', onRequest)
  const listenSocket = await new Promise<us_listen_socket>((resolve, reject) => {
    app.listen(host, port, (socket) => {
      if (socket === false) reject(new Error(`cannot listen on ${host}:${port}`))
      else resolve(socket)
    })
  })

  return {
    port: us_socket_local_port(listenSocket),
    drain: async () => {
      if (draining) return
      draining = true
      us_listen_socket_close(listenSocket)
      if (underWay === 0) return
      await new Promise<void>((resolve) => {
        onIdle = resolve
        setTimeout(resolve, DRAIN_LIMIT_MS).unref()
      })
    },
    close: () => {
      app.close()
    },
  }
}

const upgradeOnly = ({ path }: SocketRoute): ReplyRoute => ({
  method: 'GET',
  path,
  handle: () => {
    throw new PodiumError('malformed', { detail: 'This resource takes WebSocket connections only.' })
  },
})
