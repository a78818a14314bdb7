import { clientProblem, isTransient, PodiumProblem, problemOf, type ResponseLike } from './problem.ts'
import { backoffMs, pause } from './waiting.ts'

export type FetchLike = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string
    cache?: 'no-store'
    mode?: 'no-cors'
    signal: AbortSignal
  },
) => Promise<ResponseLike>

export interface WebSocketLike {
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown } & never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: { code: number; reason: string } & never) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/**
 * A token, or a function that has a fresh one. When the server did not accept the token, the function is asked once more
 * and told which one; a different result is tried.
 */
export type TokenSource = string | ((refused?: string) => string | Promise<string>)

export interface Platform {
  readonly fetch: FetchLike
  /** Undefined where there is none; only the WebSocket transport needs it. */
  readonly WebSocket: WebSocketConstructor | undefined
  /** 0 ≤ x < 1; spreads the waiting times of many clients. */
  readonly random: () => number
}

export const sessionPath = (idOrCode: string, rest = ''): string =>
  `/v1/sessions/${encodeURIComponent(idOrCode)}${rest}`

export interface BoardOptions {
  /** Entries from the top. Default 10. */
  readonly limit?: number
  /** Entries before those of `top`, for another page. */
  readonly offset?: number
  /** Also the entries next to the player's own. */
  readonly around?: 'me'
}

/** A query string of the members that are there. */
export const queryOf = (members: object): string => {
  const parts = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

export const leaderboardPath = (sessionId: string, options: BoardOptions = {}): string =>
  sessionPath(sessionId, `/leaderboard${queryOf(options)}`)

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly accept?: string
  /** The state that is to be changed, by its `etag`. */
  readonly ifMatch?: string
  readonly traceparent?: string | undefined
  /** The server acts once on all requests with this key, so that the request is repeated when its outcome is unknown. */
  readonly idempotencyKey?: string
  /** Default: that of the API. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Http {
  readonly baseUrl: string
  readonly token: TokenSource | undefined
  readonly platform: Platform
  /** The parsed body; undefined for an empty one. @throws PodiumProblem */
  json<T>(request: HttpRequest): Promise<T>
  /** The same with the server's name of this state of it, '' when it has none. @throws PodiumProblem */
  tagged<T>(request: HttpRequest): Promise<{ readonly value: T; readonly etag: string }>
  /** @throws PodiumProblem */
  text(request: HttpRequest): Promise<string>
  /** True in a browser when the server is there; whether it lets this page's origin read its answers is another question. */
  isThereOpaquely(): Promise<boolean>
}

/** For requests with an idempotency key; a longer wait (ms) is for the app to decide. */
const MAX_ATTEMPTS = 3
const MAX_RETRY_WAIT_MS = 3_000

/** Sends with a token of the source; once more with another one when the first is not accepted. */
export const withToken = async (
  source: TokenSource | undefined,
  signal: AbortSignal,
  send: (token: string | undefined) => Promise<ResponseLike>,
): Promise<ResponseLike> => {
  const token = await tokenOf(source, signal)
  const response = await send(token)
  if (response.status !== 401 || typeof source !== 'function') return response
  const fresh = await tokenOf(source, signal, token)
  return fresh === token ? response : send(fresh)
}

/** The token; rejects when the app's function does, or when the signal aborts while it is at it. */
export const tokenOf = async (
  source: TokenSource | undefined,
  signal: AbortSignal,
  refused?: string,
): Promise<string | undefined> => {
  if (typeof source !== 'function') return source
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Error('given up while waiting for a token'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
  })
  return Promise.race([source(refused), aborted])
}

export const createHttp = (options: {
  baseUrl: string
  token?: TokenSource | undefined
  platform: Platform
  timeoutMs: number
}): Http => {
  const { platform, token } = options
  const baseUrl = options.baseUrl.replace(/\/+$/, '')

  const attempt = async (request: HttpRequest): Promise<Answer> => {
    const { method, path, body, accept, ifMatch, traceparent, idempotencyKey, timeoutMs, signal } = request
    const abort = new AbortController()
    const limitMs = timeoutMs ?? options.timeoutMs
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      abort.abort()
    }, limitMs)
    const onAbort = () => abort.abort()
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) abort.abort()
    try {
      const response = await withToken(token, abort.signal, (bearer) =>
        platform.fetch(baseUrl + path, {
          method,
          headers: {
            accept: accept ?? 'application/json',
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(ifMatch !== undefined && { 'if-match': ifMatch }),
            ...(traceparent !== undefined && { traceparent }),
            ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: abort.signal,
        }),
      )
      if (response.status < 200 || response.status > 299) throw await problemOf(response)
      return { text: await response.text(), etag: response.headers.get('etag') ?? '' }
    } catch (cause) {
      if (cause instanceof PodiumProblem) throw cause
      if (signal?.aborted === true) throw clientProblem('client-closed', 'the request was given up', cause)
      if (timedOut) throw clientProblem('client-timeout', `no answer within ${limitMs} ms`, cause)
      throw clientProblem('client-network', 'the server cannot be reached', cause)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  const send = async (request: HttpRequest): Promise<Answer> => {
    const mostAttempts = request.idempotencyKey === undefined ? 1 : MAX_ATTEMPTS
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(request)
      } catch (error) {
        const problem = error as PodiumProblem
        const waitMs = Math.max(problem.retryAfterMs ?? 0, backoffMs(attempts, platform.random))
        if (attempts >= mostAttempts || !isTransient(problem) || waitMs > MAX_RETRY_WAIT_MS) throw problem
        await pause(waitMs, request.signal)
      }
    }
  }

  return {
    baseUrl,
    token,
    platform,
    text: async (request) => (await send(request)).text,
    json: async <T>(request: HttpRequest): Promise<T> => parsed<T>((await send(request)).text),
    tagged: async <T>(request: HttpRequest) => {
      const { text, etag } = await send(request)
      return { value: parsed<T>(text), etag }
    },
    isThereOpaquely: async () => {
      const abort = new AbortController()
      const timer = setTimeout(() => abort.abort(), options.timeoutMs)
      try {
        const init = { method: 'GET', headers: {}, mode: 'no-cors', signal: abort.signal } as const
        return (await platform.fetch(`${baseUrl}/v1/time`, init)).type === 'opaque'
      } catch {
        return false
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

interface Answer {
  readonly text: string
  readonly etag: string
}

const parsed = <T>(text: string): T => {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T
  } catch (cause) {
    throw clientProblem('client-protocol', 'the answer is no JSON', cause)
  }
}
