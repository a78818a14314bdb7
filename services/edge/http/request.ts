import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '@bufbuild/protobuf'
import { PodiumError } from '#platform/errors'
import type { Span } from '#platform/telemetry'
import { newTraceId, parseTraceparent } from '#platform/telemetry/tracing'
import type { ResponseHead } from './reply.ts'

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
  /** Headers of the response to it. */
  readonly head: ResponseHead
  /** When it arrived, on the monotonic clock (`performance.now()`). */
  readonly startedAt: number
  /** Set while it is handled, when it is sampled. */
  span: Span | undefined
  /** The client disconnected: it can no longer get a response. */
  isAbandoned: boolean
  /** The client's network, '' if unknown. To be called before the handler awaits anything. */
  readonly address: () => string
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
  address: () => string,
  params: Readonly<Record<string, string>> = {},
  moreHeaders: readonly string[] = NO_MORE,
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
    head,
    startedAt: performance.now(),
    span: undefined,
    isAbandoned: false,
    address,
    traceId: () => {
      traceId ??= request.span?.traceId ?? parseTraceparent(headers.traceparent ?? '')?.traceId ?? newTraceId()
      return traceId
    },
  }
  return request
}

const SCHEME = 'Bearer '

/** The token of an `Authorization: Bearer` header; undefined when there is no such header; '' for another scheme. */
export const bearerToken = (request: Request): string | undefined => {
  const header = request.headers.authorization ?? ''
  if (header === '') return undefined
  // The usual spelling, without a regular expression.
  if (header.startsWith(SCHEME) && header.length > SCHEME.length && !header.includes(' ', SCHEME.length)) {
    return header.slice(SCHEME.length)
  }
  return /^Bearer +([^ ]+) *$/i.exec(header)?.[1] ?? ''
}

/** Members of a query that would carry a token: URLs end up in logs and histories. */
const TOKEN_IN_QUERY = /(?:^|&)(?:access_?token|token|bearer|jwt|authorization)=/i

export const NO_TOKEN_IN_URL = 'A token belongs into the Authorization header, never into the URL.'

export const carriesToken = (query: string): boolean => query !== '' && TOKEN_IN_QUERY.test(query)

export const AMBIGUOUS_LENGTH = 'The length of the body is said more than once, or not as HTTP wants it.'

/**
 * Whether a proxy in front may take another part of the connection for the body than the driver does (RFC 9112, 6.3), and
 * the rest for another client's request. The driver looks at the first Content-Length only, takes an empty one for none and
 * any Transfer-Encoding for `chunked`; what contradicts itself in other ways it refuses by itself.
 */
export const hasAmbiguousLength = (req: HttpRequest, { method, headers }: Request): boolean => {
  const hasNone = headers['content-length'] === '' && headers['transfer-encoding'] === ''
  if (hasNone && method !== 'POST' && method !== 'PUT') return false
  let lengths = 0
  let isOdd = false
  req.forEach((name, value) => {
    if (name === 'content-length') {
      lengths += 1
      isOdd ||= value === ''
    } else if (name === 'transfer-encoding') {
      lengths += 1
      isOdd ||= value.toLowerCase() !== 'chunked'
    }
  })
  return isOdd || lengths > 1
}

/** What a route says about the bodies of its requests. */
export interface BodyPolicy {
  /** Most bytes of a request body; 0, the default, when the route takes none. */
  readonly maxBodyBytes?: number
  /**
   * Whether a known client sends a body that does not come with its head, or is long: asked before much of it is kept. A
   * refusal is thrown, and nothing of the body is kept. Default: no client is known.
   */
  preauthenticate?(request: Request): Promise<boolean> | boolean
  /** Whether the body is bytes: the handler gets them in base64. Default: it is text in UTF-8. */
  isBinary?(request: Request): boolean
}

/** A body that is announced to be longer is not begun with before its sender is known. */
const SHORT_BYTES = 16 * 1024

/** A request must be complete within this time, or its connection is closed. */
const BODY_DEADLINE_MS = 10_000
const SWEEP_MS = 1_000

/** Almost every body comes with its head, so that nothing is kept of it, not even a timer of its own. */
export const createBodyReader = (budget = createBodyBudget()) => {
  /** In the order of their deadlines. */
  const unfinished = new Set<{ readonly res: HttpResponse; readonly deadline: number }>()
  let sweeping: NodeJS.Timeout | undefined

  const sweep = (): void => {
    const now = performance.now()
    for (const { res, deadline } of unfinished) {
      if (deadline > now) break
      res.close() // which ends the reading as well
    }
    if (unfinished.size > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }

  /**
   * Must be called before the driver's callback returns or awaits anything. `done` is called once with the whole body, or
   * with the PodiumError `too-large`, `malformed` (not UTF-8) or `unavailable` (too many unfinished bodies, or the client
   * disconnected), or with what `preauthenticate` threw. The result is to be called when the client disconnects.
   */
  return (
    res: HttpResponse,
    request: Request,
    policy: BodyPolicy,
    done: (error: unknown, text: string) => void,
  ): (() => void) => {
    const { maxBodyBytes: maxBytes = 0 } = policy
    // The driver refuses a length that is no number. A wrong one is caught by counting.
    const announced = Number(request.headers['content-length'])
    if (announced > maxBytes) {
      done(new PodiumError('too-large'), '')
      return () => undefined
    }
    let kept: KeptBody | undefined
    let length = 0
    let finished = false
    const entry = { res, deadline: performance.now() + BODY_DEADLINE_MS }

    const finish = (error: unknown, text: string): void => {
      if (finished) return
      finished = true
      unfinished.delete(entry)
      kept?.release()
      kept = undefined
      done(error, text)
    }
    const open = (): KeptBody =>
      budget.open(
        () => policy.preauthenticate?.(request) ?? false,
        (error) => finish(error, ''),
      )

    if (announced > SHORT_BYTES) {
      kept = open()
      if (finished) return () => undefined
    }
    unfinished.add(entry)
    sweeping ??= setInterval(sweep, SWEEP_MS).unref()
    res.onData((data, isLast) => {
      if (finished) return
      const chunk = Buffer.from(data) // the driver's memory, gone when this callback returns
      length += chunk.length
      if (length > maxBytes) finish(new PodiumError('too-large'), '')
      else if (!isLast) {
        if (chunk.length === 0) return
        kept ??= open()
        kept.keep(chunk)
      } else {
        const whole = kept === undefined ? chunk : Buffer.concat([...kept.chunks(), chunk])
        if (policy.isBinary?.(request) === true) finish(undefined, whole.toString('base64'))
        else if (isUtf8(whole)) finish(undefined, whole.toString('utf8'))
        else finish(new PodiumError('malformed', { detail: 'The body is not UTF-8.' }), '')
      }
    })
    return () => finish(new PodiumError('unavailable'), '')
  }
}

/** Bytes of unfinished bodies that may be kept of all known clients together. */
const KNOWN_BYTES = 64 * 1024 * 1024

/** The same for guests and for clients whose token is being verified. */
const UNKNOWN_BYTES = 8 * 1024 * 1024

/** The part of one body that has come so far. */
export interface KeptBody {
  /** Refuses when there is no room for it. */
  keep(chunk: Buffer): void
  chunks(): readonly Buffer[]
  /** To be called once, however the body ends. */
  release(): void
}

export const createBodyBudget = (knownBytes = KNOWN_BYTES, unknownBytes = UNKNOWN_BYTES) => {
  const known = { held: 0, max: knownBytes }
  const unknown = { held: 0, max: unknownBytes }
  return {
    /**
     * Asks whether the client is known before anything of the body is kept; only while that takes time (a signature) it is
     * kept on the quota of the unknown. `refuse` is called with what was thrown, or with `unavailable`.
     */
    open: (preauthenticate: () => boolean | Promise<boolean>, refuse: (error: unknown) => void): KeptBody => {
      const chunks: Buffer[] = []
      let quota = unknown
      let held = 0
      let isOver = false

      const trust = (isKnown: boolean): void => {
        if (isOver || !isKnown) return
        quota.held -= held
        quota = known
        quota.held += held
      }
      const body: KeptBody = {
        keep: (chunk) => {
          if (isOver) return
          if (quota.held + chunk.length > quota.max) {
            refuse(new PodiumError('unavailable'))
            return
          }
          held += chunk.length
          quota.held += chunk.length
          chunks.push(Buffer.from(chunk))
        },
        chunks: () => chunks,
        release: () => {
          isOver = true
          quota.held -= held
          held = 0
        },
      }
      try {
        const isKnown = preauthenticate()
        if (isKnown instanceof Promise) isKnown.then(trust, refuse)
        else trust(isKnown)
      } catch (error) {
        isOver = true
        refuse(error)
      }
      return body
    },
  }
}

/** Checks a parsed body against its schema. @throws PodiumError `malformed` with the faults */
export type Validator<T = JsonObject> = (value: unknown) => T

/** A workbook of Excel. */
const WORKBOOK_TYPE = /^application\/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet\s*(?:;|$)/i

export const isWorkbook = (request: Request): boolean => WORKBOOK_TYPE.test(request.headers['content-type'] ?? '')

/** `application/json`, parameters or not. */
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** @throws PodiumError `unsupported-media-type`, `malformed` */
export const parseJson = (request: Request, body: string): unknown => {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new PodiumError('unsupported-media-type')
  return parseText(body)
}

/**
 * The validated body. Where it `isOptional`, none at all counts as an empty object, if there is a token or the type is JSON:
 * a request without either is one that every web page may send from a visitor's browser without asking first.
 */
export const readJson = <T>(request: Request, body: string, validate: Validator<T>, isOptional = false): T => {
  const { authorization, 'content-type': type = '' } = request.headers
  const isLeftOut = isOptional && body === '' && (authorization !== '' || JSON_TYPE.test(type))
  return validate(isLeftOut ? {} : parseJson(request, body))
}

/** @throws PodiumError `malformed` */
export const parseText = (text: string): unknown => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new PodiumError('malformed', { detail: 'This is not valid JSON.', cause })
  }
  if (MAY_HAVE_SURROGATES.test(text) && hasLoneSurrogate(value)) {
    throw new PodiumError('malformed', { detail: 'Half of a surrogate pair is no character.' })
  }
  return value
}

/** Half a surrogate pair can only come in as an escape, because the bytes were valid UTF-8, and leaves as one again. */
const MAY_HAVE_SURROGATES = /\\u[dD][89a-fA-F]/
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

const hasLoneSurrogate = (value: unknown): boolean => {
  try {
    return LONE_SURROGATE.test(JSON.stringify(value))
  } catch (err) {
    // So deep that it can be read, but not be written: nothing in the API is.
    if (err instanceof RangeError) return true
    throw err
  }
}
