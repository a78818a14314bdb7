import {
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js'
import { METRICS, SESSION_ID, SPANS } from '#platform/contract/names'
import { type ErrorCode, PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Logger } from '#platform/logger'
import { noTelemetry, type Span, type Telemetry } from '#platform/telemetry'
import type { Histogram } from '#platform/telemetry/metrics'
import { createChunks } from './chunks.ts'
import { type ClientAddresses, capConnections, createApp, createClientAddresses, type TlsFiles } from './connections.ts'
import { createRefusals } from './problem.ts'
import { createResponseHeads, noContent, type Reply, type ResponseHeads, writeHead, writeReply } from './reply.ts'
import {
  AMBIGUOUS_LENGTH,
  carriesToken,
  createBodyReader,
  hasAmbiguousLength,
  NO_TOKEN_IN_URL,
  type Request,
  readRequest,
} from './request.ts'
import {
  createExchange,
  createRouter,
  type Exchange,
  type ReplyRoute,
  type Route,
  type SocketRoute,
  type StreamRoute,
  upgradeOnly,
} from './router.ts'

export type HttpServer = Awaited<ReturnType<typeof startHttpServer>>

/** Longest wait for requests under way at the end; a PubAck takes less, an import may not make it. */
const DRAIN_LIMIT_MS = 5_000

/** The status in telemetry when the client disconnected before there was a response. */
const CLIENT_GONE = '499'

/** Of a body that is not read the driver swallows this much for the sake of the connection. */
const MAX_SWALLOWED_BYTES = 8 * 1024 * 1024

const exceedsSwallowLimit = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== '' || Number(headers['content-length']) > MAX_SWALLOWED_BYTES

/** The driver insists on a listener, and on HEAD does not see that there was a response. */
const ignore = (): void => undefined

/** Ends the writing of a body after HEAD, when it is known that there is one. */
const HEAD_ONLY = Symbol('head only')

interface RefusalOptions {
  /** The methods of the resource, for `method-not-allowed`. */
  readonly allow?: string
  /** Close the connection: it is unknown what follows. */
  readonly close?: boolean
}

/** @throws Error when the port is taken. */
export const startHttpServer = async (options: {
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
  readonly telemetry?: Telemetry
  /** Milliseconds from which on a request is recorded in any case. Default 500. */
  readonly slowMs?: number
  /** Open connections at which further ones get 503. Default 30 000. */
  readonly maxConnections?: number
  /** Requests under way at which further ones get `unavailable`. Default 20 000. */
  readonly maxRequests?: number
}) => {
  const { host, port, tls, routes, sockets, logger, maxConnections = 30_000, maxRequests = 20_000 } = options
  const { heads = createResponseHeads(), addresses = createClientAddresses(), telemetry = noTelemetry() } = options
  const router = createRouter([...routes, ...sockets.map(upgradeOnly)])
  const watchOf = createRequestWatches(telemetry, options.slowMs)
  const refusal = createRefusals(logger)
  const readBody = createBodyReader()
  let underWay = 0
  let draining = false
  let onIdle: (() => void) | undefined
  telemetry.metrics.observe(METRICS.httpActive, () => underWay)

  const over = (): void => {
    underWay -= 1
    if (underWay === 0) onIdle?.()
  }

  const send = (res: HttpResponse, request: Request, reply: Reply, isRead: boolean): string => {
    const close = draining || (!isRead && exceedsSwallowLimit(request))
    writeReply(res, close ? { ...reply, close } : reply, request.head, request.method === 'HEAD')
    return reply.status
  }

  /** Answers at once, without reading a body. Returns the status for the watch. */
  const refuse = (res: HttpResponse, request: Request, error: unknown, options: RefusalOptions = {}): string => {
    const { allow, close = false } = options
    res.onAborted(ignore)
    return send(res, request, { ...refusal(error, request, allow), close }, false)
  }

  /**
   * A request that gets one whole response. With callbacks rather than promises: this is the way of every answer, and a
   * route that knows its reply at once, or has one promise for it, pays for no more than that.
   */
  const serve = (res: HttpResponse, request: Request, route: ReplyRoute): void => {
    const { maxBodyBytes = 0 } = route
    const watch = watchOf(route)
    let isOpen = true
    let isRead = false
    let abort: (() => void) | undefined

    const end = (reply: Reply | undefined, error?: unknown): void => {
      watch.end(request, reply === undefined ? CLIENT_GONE : send(res, request, reply, isRead), error)
      over()
    }
    /** Never rejects. */
    const sendChunks = async (reply: Reply, writeBody: NonNullable<Reply['writeBody']>): Promise<void> => {
      const isHead = request.method === 'HEAD'
      const begin = (): void => writeHead(res, draining ? { ...reply, close: true } : reply, request.head)
      const chunks = createChunks(res, begin)
      abort = chunks.gone
      try {
        await writeBody(isHead ? () => Promise.reject(HEAD_ONLY) : chunks.write)
      } catch (error) {
        if (error !== HEAD_ONLY) {
          if (!isOpen || !chunks.isBegun()) return fail(error)
          isOpen = false
          const { status } = refusal(error, request)
          res.close()
          watch.end(request, status, error)
          return over()
        }
      }
      const wasOpen = isOpen
      isOpen = false
      if (wasOpen) {
        res.cork(() => {
          if (!chunks.isBegun()) begin()
          if (isHead) res.endWithoutBody()
          else res.end(undefined, draining)
        })
      }
      watch.end(request, wasOpen ? reply.status : CLIENT_GONE)
      over()
    }
    const succeed = (reply: Reply): void => {
      if (reply.writeBody !== undefined && isOpen) {
        void sendChunks(reply, reply.writeBody)
        return
      }
      const wasOpen = isOpen
      isOpen = false
      end(wasOpen ? reply : undefined)
    }
    const fail = (error: unknown): void => {
      const wasOpen = isOpen
      isOpen = false
      end(wasOpen ? refusal(error, request) : undefined, error)
    }
    const handle = (body: string): void => {
      let reply: Reply | Promise<Reply>
      try {
        reply = route.handle(request, body)
      } catch (error) {
        fail(error)
        return
      }
      if (reply instanceof Promise) reply.then(succeed, fail)
      else succeed(reply)
    }

    underWay += 1
    request.span = watch.begin(request)
    res.onAborted(() => {
      isOpen = false
      request.isAbandoned = true
      abort?.()
    })
    if (maxBodyBytes === 0) {
      handle('')
      return
    }
    abort = readBody(res, request, route, (error, text) => {
      isRead = error === undefined
      if (error === undefined) handle(text)
      else fail(error)
    })
  }

  /** Never rejects. */
  const stream = async (res: HttpResponse, exchange: Exchange, request: Request, route: StreamRoute): Promise<void> => {
    const watch = watchOf(route)
    underWay += 1
    request.span = watch.begin(request)
    try {
      await route.stream(request, exchange)
      watch.end(request, '200')
    } catch (err) {
      let status = CLIENT_GONE
      if (exchange.isTaken()) logger.error({ err, trace_id: request.traceId(), path: request.path }, 'stream failed')
      else if (exchange.isOpen()) {
        exchange.ended()
        status = refuse(res, request, err)
      }
      watch.end(request, status, err)
    }
    over()
  }

  const onRequest = (res: HttpResponse, req: HttpRequest): void => {
    const match = router.match(req.getCaseSensitiveMethod(), req.getUrl())
    const head = heads.of(req)
    const address = addresses.of(res, req)
    const request =
      match.kind === 'found'
        ? readRequest(req, head, address, match.params, match.headerNames)
        : readRequest(req, head, address)
    const fail = (code: ErrorCode, detail?: string, options?: RefusalOptions): void => {
      const error = new PodiumError(code, detail === undefined ? {} : { detail })
      const status = refuse(res, request, error, options)
      watchOf(match.kind === 'found' ? match.route : undefined).end(request, status, error)
    }

    if (hasAmbiguousLength(req, request)) fail('malformed', AMBIGUOUS_LENGTH, { close: true })
    else if (match.kind === 'not-found') fail('not-found')
    else if (match.kind === 'wrong-method') {
      const preflight = request.method === 'OPTIONS' ? heads.preflight(req.getHeader('origin')) : undefined
      if (preflight === undefined) fail('method-not-allowed', undefined, { allow: match.allow })
      else {
        res.onAborted(ignore)
        send(res, { ...request, head: preflight }, noContent(), false)
      }
    } else if (carriesToken(request.query)) fail('malformed', NO_TOKEN_IN_URL)
    else if (draining || underWay >= maxRequests) fail('unavailable')
    else if ('stream' in match.route) void stream(res, createExchange(res), request, match.route)
    else serve(res, request, match.route)
  }

  const app = createApp(tls)
  const { socketClosed } = capConnections({
    app,
    max: maxConnections,
    head: heads.of({ getHeader: () => '' }),
    isSecure: tls !== undefined,
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
    /** Takes no new connections, answers new requests with 503; resolves when those under way are answered, or after 5 s. */
    drain: async (): Promise<void> => {
      if (draining) return
      draining = true
      us_listen_socket_close(listenSocket)
      if (underWay === 0) return
      await new Promise<void>((resolve) => {
        onIdle = resolve
        setTimeout(resolve, DRAIN_LIMIT_MS).unref()
      })
    },
    /** Cuts every connection. */
    close: (): void => {
      app.close()
    },
  }
}

/** Times the requests of one route and shows them in traces. */
interface RequestWatch {
  /** Undefined when the request is not sampled. */
  begin(request: Request): Span | undefined
  /** `status` as in the status line, '499' when the client did not wait. Called once. */
  end(request: Request, status: string, error?: unknown): void
}

/** The route of requests for unknown resources. */
const NO_ROUTE = { method: '_OTHER', path: '' } as const

/** One watch per route. `slowMs`: milliseconds from which on a request is recorded in any case, if only by its own span. */
export const createRequestWatches = (telemetry: Telemetry, slowMs = 500) => {
  const watches = new Map<object, RequestWatch>()
  return (route: Pick<Route, 'path'> & { readonly method: string } = NO_ROUTE): RequestWatch => {
    let known = watches.get(route)
    if (known === undefined) {
      known = createWatch(telemetry, slowMs, route.method, route.path)
      watches.set(route, known)
    }
    return known
  }
}

/** Of a path below a session; a join code names none. */
const sessionIn = (path: string): Readonly<Record<string, string>> => {
  const [, sessionId = ''] = /^\/v1\/sessions\/([^/]+)/.exec(path) ?? []
  return isId(sessionId) ? { [SESSION_ID]: sessionId } : {}
}

/** The route is the template, never the path: no id becomes an attribute of a metric. */
const createWatch = (telemetry: Telemetry, slowMs: number, method: string, route: string): RequestWatch => {
  const { tracing, metrics } = telemetry
  const name = SPANS.http(method, route)
  const attributes = { 'http.request.method': method, 'http.route': route }
  const byStatus = new Map<string, Histogram>()

  const histogramOf = (status: string): Histogram => {
    let known = byStatus.get(status)
    if (known === undefined) {
      known = metrics.histogram(METRICS.httpDuration, method, route, status.slice(0, 3))
      byStatus.set(status, known)
    }
    return known
  }

  return {
    begin: ({ headers, startedAt, path }) => {
      const span = tracing.begin(headers.traceparent ?? '', name, { role: 'server', startedAt, attributes })
      span?.set(sessionIn(path))
      return span
    },
    end: (request, status, error) => {
      const { span, startedAt } = request
      const endedAt = performance.now()
      const elapsedMs = endedAt - startedAt
      histogramOf(status).record(elapsedMs / 1_000, 1, span?.traceId)
      const hasFailed = status.startsWith('5')
      if (span !== undefined) {
        span.set({ 'http.response.status_code': Number(status.slice(0, 3)) })
        if (hasFailed) span.fail(error)
        span.end(endedAt)
      } else if (tracing.isOn && (hasFailed || elapsedMs > slowMs)) {
        tracing.record({
          name,
          traceparent: request.headers.traceparent ?? '',
          traceId: request.traceId(),
          error: hasFailed ? error : undefined,
          options: {
            role: 'server',
            startedAt,
            attributes: {
              ...attributes,
              ...sessionIn(request.path),
              'http.response.status_code': Number(status.slice(0, 3)),
            },
          },
        })
      }
    },
  }
}
