import { connect } from 'node:net'

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
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

/** Sends bytes as they are and resolves with everything that comes back until the server closes or `quietMs` pass. */
export const exchangeRaw = (port: number, bytes: string | Buffer, quietMs = 300): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    const finish = () => {
      socket.destroy()
      resolve(received)
    }
    socket.setTimeout(quietMs, finish)
    socket.on('data', (data) => {
      received += data.toString('latin1')
    })
    socket.on('close', finish)
    socket.on('error', (err: NodeJS.ErrnoException) =>
      err.code === 'ECONNRESET' || err.code === 'EPIPE' ? finish() : reject(err),
    )
    socket.on('connect', () => socket.write(bytes))
  })
