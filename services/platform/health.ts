import { createServer } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { subjects } from './contract/subjects.ts'
import { newId } from './ids.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Pool } from './pg.ts'
import type { Publisher } from './publisher.ts'

/** What an operator may look at; `accept` is the request header, '' when there is none. */
export type OperatorPage = (accept: string) => { readonly contentType: string; readonly body: string }

export interface HealthOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly lifecycle: Lifecycle
  /** Rejects or returns false while the service cannot do its work. Called once per request to /readyz. */
  readonly check?: () => Promise<boolean>
  /** Further resources by path. */
  readonly pages?: ReadonlyMap<string, OperatorPage>
}

/** The operator's endpoints: /livez says the process runs, /readyz that it can do its work (200 or 503), and the pages. */
export const startHealth = async (options: HealthOptions): Promise<number> => {
  const { host, port, lifecycle, check, pages } = options
  const isReady = async (): Promise<boolean> => {
    if (!lifecycle.isReady()) return false
    return check === undefined ? true : check().catch(() => false)
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

export interface ProbeOptions {
  readonly publisher: Publisher
  /** A result is good for this long, so that a busy prober costs one message in that time. Default 1 000 ms. */
  readonly everyMs?: number
  /** Longest wait for the message to be stored. Default 2 000 ms. */
  readonly timeoutMs?: number
}

/**
 * A readiness check that proves JetStream by storing a message in a stream of its own. Never rejects: whatever goes wrong
 * is false.
 */
export const createJetStreamProbe = ({ publisher, everyMs = 1_000, timeoutMs = 2_000 }: ProbeOptions) => {
  const subject = subjects.probe(newId())
  const payload = new Uint8Array()
  let result: Promise<boolean> | undefined
  let askedAt = 0

  const publish = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    const stored = publisher.publish(subject, payload).then(
      () => true,
      () => false,
    )
    try {
      return await Promise.race([stored, late])
    } finally {
      clearTimeout(timer)
    }
  }

  return (): Promise<boolean> => {
    const now = performance.now()
    if (result === undefined || now - askedAt > everyMs) {
      askedAt = now
      result = publish()
    }
    return result
  }
}

/** The same for a process that needs Postgres as well. */
export const createStoreProbe = (publisher: Publisher, pool: Pool) => {
  const probe = createJetStreamProbe({ publisher })
  return async (): Promise<boolean> => (await probe()) && (await pool.query('SELECT 1')).rowCount === 1
}
