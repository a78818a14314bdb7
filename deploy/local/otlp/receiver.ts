import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export type Receiver = {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

export type ReceiverOptions = {
  /** Default 0: a free one. */
  readonly port?: number
  /** A request to /v1/traces or /v1/metrics, as it came: JSON of OTLP. */
  readonly onExport: (signal: 'traces' | 'metrics', json: string) => void
}

const mostBytes = 16 * 1024 * 1024

/** Takes OTLP over HTTP as JSON, which is what our services send, on 127.0.0.1. */
export const startReceiver = async ({ port = 0, onExport }: ReceiverOptions): Promise<Receiver> => {
  const server = createServer((request, response) => {
    const [, signal] = /^\/v1\/(traces|metrics)$/.exec(request.url ?? '') ?? []
    if (request.method === 'GET' && request.url === '/livez') {
      response.end('ok')
      return
    }
    if (request.method !== 'POST' || signal === undefined) {
      response.writeHead(404).end()
      return
    }
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > mostBytes) request.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const isZipped = request.headers['content-encoding'] === 'gzip'
      onExport(signal as 'traces' | 'metrics', (isZipped ? gunzipSync(body) : body).toString())
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
