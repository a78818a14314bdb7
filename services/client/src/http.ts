import type { Platform, TokenSource } from './platform.ts'
import { clientProblem, PodiumProblem, problemOf } from './problem.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly accept?: string
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

export const tokenOf = async (source: TokenSource | undefined): Promise<string | undefined> =>
  typeof source === 'function' ? source() : source

export const createHttp = (options: {
  baseUrl: string
  token?: TokenSource | undefined
  platform: Platform
  timeoutMs: number
}): Http => {
  const { platform, token } = options
  const baseUrl = options.baseUrl.replace(/\/+$/, '')

  const text = async ({ method, path, body, accept, timeoutMs, signal }: HttpRequest): Promise<string> => {
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
      const bearer = await tokenOf(token)
      const response = await platform.fetch(baseUrl + path, {
        method,
        headers: {
          accept: accept ?? 'application/json',
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: abort.signal,
      })
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
