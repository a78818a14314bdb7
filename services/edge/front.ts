import type { Clock } from '#platform/clock'
import type { Config } from '#platform/config'
import type { Logger } from '#platform/logger'
import type { Telemetry } from '#platform/telemetry'
import { apiRoutes } from './api/routes.ts'
import type { Bus } from './bus.ts'
import type { edgeSpec } from './config.ts'
import type { Core } from './core.ts'
import { createClientAddresses } from './http/client-addresses.ts'
import { createResponseHeads } from './http/response-heads.ts'
import { type HttpServer, startHttpServer } from './http/server.ts'
import { tlsFiles } from './http/tls.ts'
import type { Streams } from './streams.ts'

export interface FrontDeps {
  readonly config: Config<typeof edgeSpec>
  readonly bus: Bus
  readonly core: Core
  readonly streams: Streams
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** True while answers can be accepted. */
  readonly isReady: () => Promise<boolean>
}

/** What clients reach: all routes on one server. @throws Error when it cannot listen or a proxy's address is none */
export const startFront = async (deps: FrontDeps): Promise<HttpServer> => {
  const { config, bus, core, streams, clock, logger, telemetry, isReady } = deps
  const { commands } = bus
  const tls = tlsFiles(config.EDGE_TLS_CERT_FILE, config.EDGE_TLS_KEY_FILE)
  const http = await startHttpServer({
    host: config.EDGE_HOST,
    port: config.EDGE_PORT,
    tls,
    routes: [...apiRoutes({ ...core, commands, clock, isReady, standings: streams.standings }), ...streams.routes],
    sockets: streams.sockets,
    heads: createResponseHeads({ origins: config.CORS_ORIGINS, secure: tls !== undefined }),
    maxConnections: config.MAX_CONNECTIONS,
    maxRequests: config.MAX_REQUESTS,
    addresses: createClientAddresses(config.TRUSTED_PROXIES),
    telemetry,
    slowMs: config.SLOW_REQUEST_MS,
    logger,
  })
  logger.info({ host: config.EDGE_HOST, port: http.port }, 'listening')
  return http
}
