/** A plain HTTP exchange, for tests of the contract that must not lean on the client library. */
export interface Exchange {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever document came back
  readonly body: any
}

export interface RequestOptions {
  readonly token?: string | undefined
  /** Sent as JSON; a string goes as it is. */
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export type Http = (method: string, path: string, options?: RequestOptions) => Promise<Exchange>

export const createHttp =
  (baseUrl: string): Http =>
  async (method, path, options = {}) => {
    const { token, body, headers } = options
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
  }
