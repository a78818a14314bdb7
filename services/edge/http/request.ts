import type { HttpRequest } from 'uWebSockets.js'
import type { Span } from '#platform/telemetry'
import { newTraceId, parseTraceparent } from '#platform/telemetry/tracing'
import type { ResponseHead } from './response-heads.ts'

/** What is left of a request after the driver's callback: copies, good for as long as they are needed. */
export interface Request {
  /** Upper case. */
  readonly method: string
  /** As sent: still percent-encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Values of the route's `:name` segments, percent-decoded; may be empty. */
  readonly params: Readonly<Record<string, string>>
  /** Lower-case name → value, '' when absent. Holds the common names and those asked for at `readRequest`. */
  readonly headers: Readonly<Record<string, string>>
  /** The client's network, where the route wants to know; '' elsewhere. */
  readonly address: string
  /** Headers of the response to it. */
  readonly head: ResponseHead
  /** When it arrived, on the monotonic clock (`performance.now()`). */
  readonly startedAt: number
  /** Set while it is handled, when it is sampled. */
  span: Span | undefined
  /** 32 hex digits: the recorded trace, the caller's, or a random one. */
  traceId(): string
}

/** Copied for every route: one shape, rather than names that are looked up one by one. */
const commonHeaders = (req: HttpRequest): Record<string, string> => ({
  authorization: req.getHeader('authorization'),
  'content-type': req.getHeader('content-type'),
  'content-length': req.getHeader('content-length'),
  'transfer-encoding': req.getHeader('transfer-encoding'),
  traceparent: req.getHeader('traceparent'),
})

const NO_MORE: readonly string[] = []

/** Must be called before the driver's callback returns or awaits anything: `HttpRequest` is dead afterwards. */
export const readRequest = (
  req: HttpRequest,
  head: ResponseHead,
  params: Readonly<Record<string, string>> = {},
  moreHeaders: readonly string[] = NO_MORE,
  address = '',
): Request => {
  const headers = commonHeaders(req)
  for (const name of moreHeaders) headers[name] = req.getHeader(name)
  let traceId: string | undefined
  const request: Request = {
    method: req.getCaseSensitiveMethod().toUpperCase(),
    path: req.getUrl(),
    query: req.getQuery(),
    params,
    headers,
    address,
    head,
    startedAt: performance.now(),
    span: undefined,
    traceId: () => {
      traceId ??= request.span?.traceId ?? parseTraceparent(headers.traceparent ?? '')?.traceId ?? newTraceId()
      return traceId
    },
  }
  return request
}

const SCHEME_LENGTH = 'Bearer '.length

/** The token of an `Authorization: Bearer` header; undefined when there is no such header; '' for another scheme. */
export const bearerToken = (request: Request): string | undefined => {
  const header = request.headers.authorization ?? ''
  if (header === '') return undefined
  // The usual spelling; the rest is for others.
  if (header.startsWith('Bearer ') && header.length > 7 && !header.includes(' ', 7)) return header.slice(7)
  if (header.startsWith('Bearer ') && header.indexOf(' ', SCHEME_LENGTH) === -1) return header.slice(SCHEME_LENGTH)
  return /^Bearer +([^ ]+) *$/i.exec(header)?.[1] ?? ''
}

/** Members of a query that would carry a token: URLs end up in logs and histories. */
const TOKEN_IN_QUERY = /(?:^|&)(?:access_?token|token|bearer|jwt|authorization)=/i

export const NO_TOKEN_IN_URL = 'A token belongs into the Authorization header, never into the URL.'

export const carriesToken = (query: string): boolean => query !== '' && TOKEN_IN_QUERY.test(query)
