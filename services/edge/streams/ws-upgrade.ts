import {
  App,
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  type us_socket_context_t,
  us_socket_local_port,
} from 'uWebSockets.js'
import { connect, type Socket } from 'node:net'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { RequestSchemas } from '../api/request-schemas.ts'
import type { Authentication } from '../auth/authentication.ts'
import { type ProblemContext, problemReply, toProblem } from '../http/problem.ts'
import { writeReply } from '../http/reply.ts'
import {
  AMBIGUOUS_LENGTH,
  bearerToken,
  carriesToken,
  hasAmbiguousLength,
  NO_TOKEN_IN_URL,
  type Request,
  readRequest,
} from '../http/request.ts'
import { createExchange, type SocketFront } from '../http/router.ts'
import { boardOptionsOf, type Subscriber } from './client.ts'
import type { OpenStreams } from './open.ts'

/** The subprotocol that is spoken; the only one ever selected. */
const SUBPROTOCOL = 'podium.v1'

/** Leads the subprotocol that carries the token of a client that cannot set headers. */
const BEARER = 'bearer.'

const VERSION = 'sec-websocket-version'

const KEY = 'sec-websocket-key'
const PROTOCOL = 'sec-websocket-protocol'
const EXTENSIONS = 'sec-websocket-extensions'
const HEADERS = ['origin', 'host', VERSION, KEY, PROTOCOL, EXTENSIONS]

/** The caller of a new WebSocket. */
export interface Caller {
  readonly subscriber: Subscriber
  readonly context: ProblemContext
}

/** The driver's upgrade handler: admits the caller, or answers with a problem document. */
export const createWsUpgrade = <T>(deps: {
  readonly authentication: Authentication
  readonly streams: OpenStreams
  readonly schemas: Pick<RequestSchemas, 'stream'>
  readonly anchor: Promise<CorkAnchor>
  readonly logger: Logger
  readonly front: SocketFront
  /** Makes the user data of the new WebSocket. */
  readonly open: (caller: Caller) => T
}) => {
  const { authentication, streams, schemas, anchor, logger, front, open } = deps
  const { heads, addresses } = front

  const admit = async (request: Request): Promise<Caller> => {
    const { path, params, headers, traceId } = request
    if (!heads.allows(headers.origin ?? '', headers.host ?? '')) throw new PodiumError('forbidden')
    // The driver does not look at it.
    if (headers[VERSION] !== '13') throw new PodiumError('malformed', { detail: 'The WebSocket version is 13.' })
    if (carriesToken(request.query)) throw new PodiumError('malformed', { detail: NO_TOKEN_IN_URL })
    const principal = await authentication.admitToken(tokenOf(request), 'socket.open', request.address)
    const subscriber = await streams.admit(
      principal,
      params.sessionId ?? '',
      'socket.open',
      boardOptionsOf(schemas.stream(request.query)),
    )
    // Not the request's own function: it would keep the headers for as long as the connection lives.
    const id = traceId()
    return { subscriber, context: { path, traceId: () => id } }
  }

  const upgrade = async (res: HttpResponse, request: Request, context: us_socket_context_t): Promise<void> => {
    const exchange = createExchange(res)
    const { headers } = request
    try {
      const caller = await admit(request)
      const { cork } = await anchor
      if (!exchange.isOpen()) return
      exchange.ended()
      const selected = offered(request).includes(SUBPROTOCOL) ? SUBPROTOCOL : ''
      cork(() => res.upgrade(open(caller), headers[KEY] ?? '', selected, headers[EXTENSIONS] ?? '', context))
    } catch (err) {
      if (!exchange.isOpen()) return
      const problem = toProblem(err, request)
      if (problem.code === 'internal') logger.error({ err, trace_id: problem.traceId }, 'WebSocket upgrade failed')
      exchange.ended()
      writeReply(res, problemReply(problem), request.head)
    }
  }

  return (res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void => {
    const request = readRequest(
      req,
      heads.of(req),
      addresses.of(res, req),
      { sessionId: req.getParameter(0) ?? '' },
      HEADERS,
    )
    if (hasAmbiguousLength(req, request)) {
      const refused = problemReply(toProblem(new PodiumError('malformed', { detail: AMBIGUOUS_LENGTH }), request))
      writeReply(res, { ...refused, close: true }, request.head)
      return
    }
    void upgrade(res, request, context) // never rejects
  }
}

const offered = ({ headers }: Request): string[] => (headers[PROTOCOL] ?? '').split(',').map((name) => name.trim())

/** @throws PodiumError `unauthorized` */
const tokenOf = (request: Request): string => {
  const token =
    bearerToken(request) ??
    offered(request)
      .find((name) => name.startsWith(BEARER))
      ?.slice(BEARER.length)
  if (token === undefined || token === '') throw new PodiumError('unauthorized')
  return token
}

export type CorkAnchor = Awaited<ReturnType<typeof createCorkAnchor>>

/**
 * An upgrade after an await must not be corked on its own response: when the driver makes a WebSocket of a response without
 * moving it in memory, the end of the cork still takes it for a response, and may close it (seen with one in ten of the first
 * connections of a process). Not corked at all, each upgrade prints a warning. Corked on another connection, which this process
 * has to itself and never uses, it is right.
 */
export const createCorkAnchor = () =>
  new Promise<{ cork(work: () => void): void; close(): void }>((resolve, reject) => {
    let listening: us_listen_socket | undefined
    let anchor: HttpResponse | undefined
    let socket: Socket | undefined
    const app = App().get('/', (res) => {
      if (listening !== undefined) us_listen_socket_close(listening)
      anchor = res
      res.onAborted(() => {
        anchor = undefined
      })
      resolve({
        cork: (work) => {
          if (anchor === undefined) work()
          else anchor.cork(work)
        },
        close: () => socket?.destroy(),
      })
    })
    app.listen('127.0.0.1', 0, (token) => {
      if (token === false) return reject(new Error('cannot listen on 127.0.0.1'))
      listening = token
      socket = connect(us_socket_local_port(token), '127.0.0.1')
      socket.on('error', reject)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      socket.unref()
    })
  })
