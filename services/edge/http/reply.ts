import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { createHash } from 'node:crypto'

/** A whole response. Header values are ours: never text of a user, the driver does not filter CR and LF. */
export interface Reply {
  /** Status line without the version, for instance `200 OK`. */
  readonly status: string
  readonly body: string
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Close the connection after the response. */
  readonly close?: boolean
  /** Instead of the headers that responses have in common. */
  readonly head?: ResponseHead
  /**
   * Writes the body in chunks, instead of `body`; the response begins with the first one. What it throws before that becomes
   * the problem document, and afterwards closes the connection, so that no client takes a part for the whole.
   */
  readonly writeBody?: (write: WriteChunk) => Promise<void>
}

/** Resolves when there is room for the next chunk; rejects when the client has disconnected. */
export type WriteChunk = (chunk: string) => Promise<void>

/** `etag`: the version of the document, made of our own numbers. */
export const okWithTag = (value: unknown, etag: string): Reply => ({ ...ok(value), headers: { etag } })
/** A document to be kept; `name` of the file is ours. */
export const file = (body: string, contentType: string, name: string): Reply => ({
  status: '200 OK',
  body,
  contentType,
  headers: { 'content-disposition': `attachment; filename="${name}"` },
})

const json = (status: string, value: unknown): Reply => ({
  status,
  body: JSON.stringify(value),
  contentType: 'application/json',
})

export const ok = (value: unknown): Reply => json('200 OK', value)
/** `location`: where the new resource is, made of our own ids. */
export const created = (value: unknown, location: string): Reply => ({
  ...json('201 Created', value),
  headers: { location },
})
/** `body` is JSON already. */
export const okJson = (body: string): Reply => ({ status: '200 OK', body, contentType: 'application/json' })
export const acceptedJson = (body: string): Reply => ({ status: '202 Accepted', body, contentType: 'application/json' })
export const noContent = (): Reply => ({ status: '204 No Content', body: '', contentType: '' })
/** Something that every client gets the same of, and what names this state of it. */
export interface Asset {
  readonly body: string
  readonly contentType: string
  readonly etag: string
}

export const assetOf = (body: string, contentType: string): Asset => ({
  body,
  contentType,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
})

/** Whether the client has it already. `ifNoneMatch`: the header, '' without one; a proxy that compresses makes tags weak. */
export const isCurrent = ({ etag }: Asset, ifNoneMatch: string): boolean =>
  ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

export const assetReply = (asset: Asset, ifNoneMatch: string): Reply => {
  const { body, contentType, etag } = asset
  const headers = { etag }
  if (isCurrent(asset, ifNoneMatch)) {
    return { status: '304 Not Modified', body: '', contentType: '', headers, head: PAGE_HEAD }
  }
  return { status: '200 OK', body, contentType, headers, head: PAGE_HEAD }
}
export const csv = (writeBody: NonNullable<Reply['writeBody']>): Reply => ({
  status: '200 OK',
  body: '',
  contentType: 'text/csv; charset=utf-8',
  writeBody,
})

/** Status and headers, to be called corked. */
export const writeHead = (res: HttpResponse, reply: Reply, head: ResponseHead): void => {
  const [name, value] = reply.head ?? head
  res.writeStatus(reply.status).writeHeader(name, value)
  if (reply.contentType !== '') res.writeHeader('content-type', reply.contentType)
  if (reply.headers !== undefined) {
    for (const name in reply.headers) res.writeHeader(name, reply.headers[name] ?? '')
  }
  if (reply.close === true) res.writeHeader('connection', 'close')
}

/** Writes the response in one system call. The caller has made sure that the client is still there. */
export const writeReply = (res: HttpResponse, reply: Reply, head: ResponseHead, isHead = false): void => {
  res.cork(() => {
    writeHead(res, reply, head)
    if (isHead) res.endWithoutBody(Buffer.byteLength(reply.body), reply.close === true)
    else if (reply.contentType === '') {
      // The driver takes an undefined length for a number.
      if (reply.close === true) res.endWithoutBody(0, true)
      else res.endWithoutBody()
    } else res.end(reply.body, reply.close === true)
  })
}

/** Safe for an API that answers with data only: nothing may be kept, guessed, framed or run. */
const SECURITY = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
] as const

/**
 * The documents and the page that shows them. Pages of other origins may read them. The viewer is one script; it writes its
 * styles into the page and asks this edge for the documents.
 */
const PAGE = [
  ['cache-control', 'public, no-cache'],
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'etag'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'",
  ],
] as const

/** For two years, also for names below this one (RFC 6797). Only where the edge itself speaks TLS. */
const HSTS = ['strict-transport-security', 'max-age=63072000; includeSubDomains'] as const

/** What a script of another origin may read of a response besides the headers that are always safe. */
const EXPOSED = 'content-disposition, etag, location, retry-after, ratelimit, ratelimit-policy, www-authenticate'

const ALLOWED_METHODS = 'GET, POST, PUT, DELETE'
const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, tracestate'
const PREFLIGHT_SECONDS = 7_200

/**
 * Headers that responses have in common, as one block: the driver writes names and values as they are, so that the value
 * of the first header carries the lines of all others. One call and no work for each response.
 */
export type ResponseHead = readonly [name: string, value: string]

export type ResponseHeads = ReturnType<typeof createResponseHeads>

const block = (lines: readonly (readonly [string, string])[]): ResponseHead => {
  const [[name, value] = ['', ''], ...rest] = lines
  return [name, [value, ...rest.map(([name, value]) => `${name}: ${value}`)].join('\r\n')]
}

const PAGE_HEAD = block(PAGE)

export const createResponseHeads = ({
  origins = [],
  secure = false,
}: {
  /** Origins whose pages may use the API, such as `https://play.example`; `*` = all. */
  readonly origins?: readonly string[]
  /** The edge speaks TLS itself. */
  readonly secure?: boolean
} = {}) => {
  const common = secure ? [...SECURITY, HSTS] : SECURITY
  // A cache in between must not mix up origins where there are several.
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
    /** For the response to this request; looks at its Origin only where there are origins to allow. */
    of: (req: Pick<HttpRequest, 'getHeader'>): ResponseHead =>
      known.size === 0 ? plain : (find(req.getHeader('origin'))?.actual ?? plain),
    /** The head of the answer to a preflight (Fetch standard); undefined for an origin that is not allowed. */
    preflight: (origin: string): ResponseHead | undefined => find(origin)?.preflight,
    /**
     * Whether a page of this origin may open a WebSocket here: it is one of the allowed ones or has the same host as the
     * edge (`host`: the request's Host header). No Origin means no browser.
     */
    allows: (origin: string, host: string): boolean =>
      origin === '' || find(origin) !== undefined || hostOf(origin) === host.toLowerCase(),
  }
}

/** Undefined for `null`, the origin of a sandbox, and for anything else that is no URL. */
const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

/** Without any other origin and without TLS. */
export const PLAIN_HEADS = createResponseHeads()
