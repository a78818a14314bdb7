import type { HttpRequest, HttpResponse, us_socket_context_t } from 'uWebSockets.js'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Authentication } from '../auth/authentication.ts'
import { createExchange } from '../http/exchange.ts'
import { AMBIGUOUS_LENGTH, hasAmbiguousLength } from '../http/framing.ts'
import { type ProblemContext, problemReply, toProblem } from '../http/problem.ts'
import { writeReply } from '../http/reply.ts'
import { bearerToken, carriesToken, NO_TOKEN_IN_URL, type Request, readRequest } from '../http/request.ts'
import type { SocketFront } from '../http/router.ts'
import type { CorkAnchor } from './cork-anchor.ts'
import type { Streams } from './open.ts'
import type { Admission } from './ports.ts'

/** The subprotocol that is spoken; the only one ever selected. */
const SUBPROTOCOL = 'podium.v1'

/** Leads the subprotocol that carries the token of a client that cannot set headers. */
const BEARER = 'bearer.'

const VERSION = 'sec-websocket-version'

const KEY = 'sec-websocket-key'
const PROTOCOL = 'sec-websocket-protocol'
const EXTENSIONS = 'sec-websocket-extensions'
const HEADERS = ['origin', 'host', VERSION, KEY, PROTOCOL, EXTENSIONS]

/** Who is behind a new WebSocket. */
export interface Caller {
  readonly admission: Admission
  readonly context: ProblemContext
}

export interface WsUpgradeDeps<T> {
  readonly authentication: Authentication
  readonly streams: Streams
  readonly anchor: Promise<CorkAnchor>
  readonly logger: Logger
  readonly front: SocketFront
  /** Makes the user data of the new WebSocket. */
  readonly open: (caller: Caller) => T
}

/** The driver's upgrade handler: admits the caller, or answers with a problem document. */
export const createWsUpgrade = <T>({ authentication, streams, anchor, logger, front, open }: WsUpgradeDeps<T>) => {
  const { heads, addresses } = front

  const admit = async (request: Request): Promise<Caller> => {
    const { path, params, headers, traceId } = request
    if (!heads.allows(headers.origin ?? '', headers.host ?? '')) throw new PodiumError('forbidden')
    // The driver does not look at it.
    if (headers[VERSION] !== '13') throw new PodiumError('malformed', { detail: 'The WebSocket version is 13.' })
    if (carriesToken(request.query)) throw new PodiumError('malformed', { detail: NO_TOKEN_IN_URL })
    const principal = await authentication.admitToken(tokenOf(request), 'stream.open', request.address)
    const admission = await streams.admit(principal, params.sessionId ?? '')
    // Not the request's own function: it would keep the headers for as long as the connection lives.
    const id = traceId()
    return { admission, context: { path, traceId: () => id } }
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
      { sessionId: req.getParameter(0) ?? '' },
      HEADERS,
      addresses.of(res, req),
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
