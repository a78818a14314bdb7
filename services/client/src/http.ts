import type { Platform, ResponseLike, TokenSource } from './platform.ts'
import { clientProblem, PodiumProblem, problemOf } from './problem.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly accept?: string
  readonly traceparent?: string | undefined
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
  /** @throws PodiumProblem */
  text(request: HttpRequest): Promise<string>
}

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

  const text = async ({ method, path, body, accept, traceparent, timeoutMs, signal }: HttpRequest): Promise<string> => {
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
            ...(traceparent !== undefined && { traceparent }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: abort.signal,
        }),
      )
      if (response.status < 200 || response.status > 299) throw await problemOf(response)
      return await response.text()
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

  return {
    baseUrl,
    token,
    platform,
    text,
    json: async <T>(request: HttpRequest): Promise<T> => {
      const body = await text(request)
      try {
        return (body === '' ? undefined : JSON.parse(body)) as T
      } catch (cause) {
        throw clientProblem('client-protocol', 'the answer is no JSON', cause)
      }
    },
  }
}
