import { createServer } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Lifecycle } from './lifecycle.ts'

/** What an operator may look at; `accept` is the request header, '' when there is none. */
export type OperatorPage = (accept: string) => { readonly contentType: string; readonly body: string }

export interface HealthOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly lifecycle: Lifecycle
  /** Rejects or returns false while a connection of this process is away. Called once per request to /readyz. */
  readonly check: () => boolean | Promise<boolean>
  /** Further resources by path. */
  readonly pages?: ReadonlyMap<string, OperatorPage>
}

/**
 * The operator's endpoints: /livez says the process runs, /readyz that it can serve what it serves (200 or 503), and the pages.
 * Readiness asks nothing that all copies share: one stream without a leader would take every endpoint away at once.
 */
export const startHealth = async (options: HealthOptions): Promise<number> => {
  const { host, port, lifecycle, check, pages } = options
  const isReady = async (): Promise<boolean> => {
    try {
      return lifecycle.isReady() && (await check())
    } catch {
      return false
    }
  }
  const statusOf = async (path: string): Promise<keyof typeof STATUSES> => {
    if (path === '/livez') return 200
    if (path === '/readyz') return (await isReady()) ? 200 : 503
    return 404
  }
  const server = createServer(async ({ url = '', headers }, response) => {
    if (!isInside(headers.host ?? '')) {
      response.writeHead(421, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify({ status: 'misdirected' }))
      return
    }
    const path = url.split('?')[0] ?? ''
    const page = pages?.get(path)
    if (page !== undefined) {
      const { contentType, body } = page(headers.accept ?? '')
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', connection: 'close' })
      response.end(body)
      return
    }
    const status = await statusOf(path)
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify({ status: STATUSES[status] }))
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

/** Addresses, and names that only a network of ours resolves: one label, or below these. */
const INSIDE = /^(?:[^.]+|.*\.(?:localhost|local|internal|svc))$/i

/**
 * Whether the Host of a request is one by which operators come. A page in an operator's browser that is served under a name of
 * its own, which was then pointed at this port (DNS rebinding), sends that name.
 */
const isInside = (host: string): boolean => {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return isIP(name) !== 0 || INSIDE.test(name) || name === ''
}

const STATUSES = { 200: 'ok', 404: 'not found', 503: 'unavailable' } as const
