import { createResponseJudge } from './schemas.ts'

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

/** Throws when a JSON response is not as proto/openapi.yaml says. */
export const createHttp = (baseUrl: string) => {
  const judge = createResponseJudge()
  return async (method: string, path: string, options: RequestOptions = {}): Promise<Exchange> => {
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
    const document = isJson ? JSON.parse(text) : text
    const fault = isJson ? judge(method, path, response.status, document) : undefined
    if (fault !== undefined) throw new Error(`not as described: ${JSON.stringify(fault)}`)
    return { status: response.status, headers: response.headers, body: document }
  }
}
