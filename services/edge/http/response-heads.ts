import type { HttpRequest } from 'uWebSockets.js'

/** Safe for an API that answers with data only: nothing may be kept, guessed, framed or run. */
const SECURITY = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
] as const

/** For two years, also for names below this one (RFC 6797). Only where the edge itself speaks TLS. */
const HSTS = ['strict-transport-security', 'max-age=63072000; includeSubDomains'] as const

/** What a script of another origin may read of a response besides the headers that are always safe. */
const EXPOSED = 'retry-after, ratelimit, ratelimit-policy, www-authenticate'

const ALLOWED_METHODS = 'GET, POST, DELETE'
const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, last-event-id, traceparent, tracestate'
const PREFLIGHT_SECONDS = 7_200

/**
 * Headers that responses have in common, as one block: the driver writes names and values as they are, so that the value
 * of the first header carries the lines of all others. One call and no work for each response.
 */
export type ResponseHead = readonly [name: string, value: string]

export interface ResponseHeads {
  /** For the response to this request; looks at its Origin only where there are origins to allow. */
  of(req: Pick<HttpRequest, 'getHeader'>): ResponseHead
  /** The head of the answer to a preflight (Fetch standard); undefined for an origin that is not allowed. */
  preflight(origin: string): ResponseHead | undefined
  /**
   * Whether a page of this origin may open a WebSocket here: it is one of the allowed ones or has the same host as the
   * edge (`host`: the request's Host header). No Origin means no browser.
   */
  allows(origin: string, host: string): boolean
}

export interface ResponseHeadsOptions {
  /** Origins whose pages may use the API, such as `https://play.example`; `*` = all. */
  readonly origins?: readonly string[]
  /** The edge speaks TLS itself. */
  readonly secure?: boolean
}

const block = (lines: readonly (readonly [string, string])[]): ResponseHead => {
  const [[name, value] = ['', ''], ...rest] = lines
  return [name, [value, ...rest.map(([name, value]) => `${name}: ${value}`)].join('\r\n')]
}

export const createResponseHeads = ({ origins = [], secure = false }: ResponseHeadsOptions = {}): ResponseHeads => {
  const common = secure ? [...SECURITY, HSTS] : SECURITY
  // Whatever is kept in between must not mix up origins, where there are several.
  const plain = block(origins.length > 0 ? [...common, ['vary', 'origin']] : common)
  const cross = (origin: string) =>
    [
      ...common,
      ['vary', 'origin'],
      ['access-control-allow-origin', origin],
      ['access-control-expose-headers', EXPOSED],
    ] as const
  const preflight = (origin: string) =>
    block([
      ...cross(origin),
      ['access-control-allow-methods', ALLOWED_METHODS],
      ['access-control-allow-headers', ALLOWED_HEADERS],
      ['access-control-max-age', String(PREFLIGHT_SECONDS)],
    ])
  const known = new Map(
    origins.map((origin) => [origin, { actual: block(cross(origin)), preflight: preflight(origin) }]),
  )
  const find = (origin: string) => (origin === '' ? undefined : (known.get(origin) ?? known.get('*')))

  return {
    of: (req) => (known.size === 0 ? plain : (find(req.getHeader('origin'))?.actual ?? plain)),
    preflight: (origin) => find(origin)?.preflight,
    allows: (origin, host) => origin === '' || find(origin) !== undefined || hostOf(origin) === host.toLowerCase(),
  }
}

/** Undefined for `null`, the origin of a sandbox, and whatever else is no URL. */
const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

/** Without any other origin and without TLS. */
export const PLAIN_HEADS = createResponseHeads()
