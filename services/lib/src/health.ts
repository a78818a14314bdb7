import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Lifecycle } from './lifecycle.ts'

export interface HealthOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly lifecycle: Lifecycle
  /** Rejects or returns false while the service cannot do its work. Called once per request to /readyz. */
  readonly check?: () => Promise<boolean>
}

/** The operator's endpoints: /livez says the process runs, /readyz that it can do its work (200 or 503). */
export const startHealth = async ({ host, port, lifecycle, check }: HealthOptions): Promise<number> => {
  const isReady = async (): Promise<boolean> => {
    if (!lifecycle.isReady()) return false
    return check === undefined ? true : check().catch(() => false)
  }
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0]
    const status = path === '/livez' ? 200 : path === '/readyz' ? ((await isReady()) ? 200 : 503) : 404
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify({ status: status === 200 ? 'ok' : status === 503 ? 'unavailable' : 'not found' }))
  })
  server.requestTimeout = 5_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  lifecycle.onStop('health', () => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}
