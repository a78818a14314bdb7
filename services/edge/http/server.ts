import {
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js'
import { METRICS } from '#platform/contract/names'
import { type ErrorCode, PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Telemetry } from '#platform/telemetry'
import { CLIENT_GONE, createCalls, type RefusalOptions } from './calls.ts'
import { type ClientAddresses, createClientAddresses } from './client-addresses.ts'
import { capConnections } from './connection-cap.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { AMBIGUOUS_LENGTH, hasAmbiguousLength } from './framing.ts'
import { createRefusals } from './refusals.ts'
import { noContent } from './reply.ts'
import { carriesToken, NO_TOKEN_IN_URL, type Request, readRequest } from './request.ts'
import { createRequestWatches } from './request-watch.ts'
import { PLAIN_HEADS, type ResponseHeads } from './response-heads.ts'
import { createRouter, type Route, type SocketRoute, type StreamRoute, upgradeOnly } from './router.ts'
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
  /** Default: nothing is recorded. */
  readonly telemetry?: Telemetry
  /** Milliseconds from which on a request is recorded in any case. Default 500. */
  readonly slowMs?: number
  /** Open connections at which further ones get 503. Default 30 000. */
  readonly maxConnections?: number
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

/** No X-Forwarded-For is trusted. */
const PEERS = createClientAddresses()

/** @throws Error when the port is taken. */
export const startHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const { host, port, routes, sockets, logger, heads = PLAIN_HEADS, addresses = PEERS, maxRequests = 20_000 } = options
  const router = createRouter([...routes, ...sockets.map(upgradeOnly)])
  let underWay = 0
  let draining = false
  let onIdle: (() => void) | undefined

  const watchOf = createRequestWatches(options)
  options.telemetry?.metrics.observe(METRICS.httpActive, () => underWay)

  const refusal = createRefusals(logger)

  const stream = async (res: HttpResponse, exchange: Exchange, request: Request, route: StreamRoute): Promise<void> => {
    const watch = watchOf(route)
    request.span = watch.begin(request)
    try {
      await route.stream(request, exchange)
      watch.end(request, '200')
    } catch (err) {
      let status = CLIENT_GONE
      if (exchange.isTaken()) logger.error({ err, trace_id: request.traceId(), path: request.path }, 'stream failed')
      else if (exchange.isOpen()) {
        exchange.ended()
        status = calls.refuse(res, request, err)
      }
      watch.end(request, status, err)
    }
  }

  const begin = (): void => {
    underWay += 1
  }
  const end = (): void => {
    underWay -= 1
    if (underWay === 0) onIdle?.()
  }
  const calls = createCalls({ refusal, watchOf, isDraining: () => draining, onBegin: begin, onEnd: end })

  const onRequest = (res: HttpResponse, req: HttpRequest): void => {
    const match = router.match(req.getCaseSensitiveMethod(), req.getUrl())
    const head = heads.of(req)
    const address = match.kind === 'found' && match.route.wantsAddress === true ? addresses.of(res, req) : ''
    const request =
      match.kind === 'found' ? readRequest(req, head, match.params, match.headerNames, address) : readRequest(req, head)
    const refuse = (code: ErrorCode, detail?: string, options?: RefusalOptions): void => {
      const error = new PodiumError(code, detail === undefined ? {} : { detail })
      const status = calls.refuse(res, request, error, options)
      watchOf(match.kind === 'found' ? match.route : undefined).end(request, status, error)
    }

    if (hasAmbiguousLength(req, request)) refuse('malformed', AMBIGUOUS_LENGTH, { close: true })
    else if (match.kind === 'not-found') refuse('not-found')
    else if (match.kind === 'wrong-method') {
      const preflight = request.method === 'OPTIONS' ? heads.preflight(req.getHeader('origin')) : undefined
      if (preflight === undefined) refuse('method-not-allowed', undefined, { allow: match.allow })
      else calls.reply(res, { ...request, head: preflight }, noContent())
    } else if (carriesToken(request.query)) refuse('malformed', NO_TOKEN_IN_URL)
    else if (draining || underWay >= maxRequests) refuse('unavailable')
    else if ('stream' in match.route) {
      begin()
      void stream(res, createExchange(res), request, match.route).then(end) // never rejects
    } else calls.serve(res, request, match.route)
  }

  const app = createApp(options.tls)
  const { socketClosed } = capConnections({
    app,
    max: options.maxConnections ?? 30_000,
    head: heads.of({ getHeader: () => '' }),
    isSecure: options.tls !== undefined,
    refusal,
  })
  for (const socket of sockets) socket.register(app, { heads, addresses, socketClosed })
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
