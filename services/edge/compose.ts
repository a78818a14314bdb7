import { jetstreamManager } from '@nats-io/jetstream'
import type { Clock } from '#platform/clock'
import type { Config } from '#platform/config'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import { createPublisher } from '#platform/publisher'
import { noTelemetry, type Telemetry } from '#platform/telemetry'
import { startTokenVerifier } from '#platform/tokens/config'
import { createAcceptAnswer, createAnswerCounters } from './answers/accept-answer.ts'
import { createAnswerBatches } from './answers/answer-batches.ts'
import { createAnswerRegisters } from './answers/register.ts'
import { createCommands } from './api/commands.ts'
import { loadRequestSchemas } from './api/request-schemas.ts'
import { apiRoutes } from './api/routes.ts'
import { createAuthentication, watchLateness } from './auth/authentication.ts'
import { type edgeSpec, ratesOf } from './config.ts'
import { createClientAddresses, tlsFiles } from './http/connections.ts'
import { createResponseHeads } from './http/reply.ts'
import { startHttpServer } from './http/server.ts'
import { createFeedLog, createNatsLink } from './sessions/feed.ts'
import { createSessionAccess } from './sessions/session-access.ts'
import { createSessionReplicas } from './sessions/session-replicas.ts'
import { createSessionSource } from './sessions/session-source.ts'
import type { StreamLimits } from './streams/client.ts'
import { createNetworkDelays } from './streams/round-trips.ts'
import { createSessionNews } from './streams/session-news.ts'
import { createStreams } from './streams.ts'

/** Longest wait for a message to be read back. */
const READ_TIMEOUT_MS = 2_500

/** Everything behind one port. @throws Error when it cannot listen, or a key set, a certificate or a proxy's address is none */
export const startEdge = async (deps: {
  readonly config: Config<typeof edgeSpec>
  readonly nats: NatsConnection
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry?: Telemetry
  /** False before the start is complete and from the stop on. Default: true. */
  readonly isReady?: () => boolean
  /** What differs from STREAM_LIMITS. */
  readonly streamLimits?: Partial<StreamLimits>
}) => {
  const { config, nats, clock, logger, telemetry = noTelemetry(), isReady = () => true } = deps
  const { metrics, tracing } = telemetry

  const manager = await jetstreamManager(nats, { checkAPI: false, timeout: READ_TIMEOUT_MS })
  const link = createNatsLink(nats)
  // While the connection is down nothing waits for a deadline that cannot be met.
  const whileUp: Pick<NatsConnection, 'request'> = {
    request: (...request) => (link.isUp() ? nats.request(...request) : Promise.reject(new Error('NATS unavailable'))),
  }
  const feed = createFeedLog({ nats, manager, logger, tracing })
  const news = createSessionNews({ nats, logger })
  const sessions = createSessionSource({ nats: whileUp, telemetry })
  const commands = createCommands({ nats: whileUp, telemetry })

  const tokens = await startTokenVerifier({ config, clock, logger, maxTokens: config.MAX_TOKENS })
  const lateness = watchLateness(clock)
  const isBusy = () => lateness.current() > config.MAX_LATENESS_MS
  const authentication = createAuthentication({ tokens, policies: ratesOf(config), clock, isBusy })

  const replicas = createSessionReplicas({ feed, sessions, link, clock, logger, metrics })
  // A token that a newer one replaced is void for every request, not only for streams.
  replicas.onOpen((sessionId) => news.takeovers(sessionId, (player) => replicas.noteGeneration(sessionId, player)))
  const access = createSessionAccess(replicas)

  const schemas = await loadRequestSchemas()
  const registers = createAnswerRegisters({ replicas, news, link, nats: whileUp, clock, telemetry })
  const batches = createAnswerBatches({
    publisher: createPublisher(nats, { telemetry, paceMs: 0 }),
    partitions: config.ANSWER_PARTITIONS,
    tracing,
  })
  const { questionIds } = sessions
  const counters = createAnswerCounters(metrics)
  const delays = createNetworkDelays({
    clock,
    onSuspect: (playerId) => logger.warn({ playerId }, 'pongs to questions come late: not believed'),
  })
  const acceptAnswer = createAcceptAnswer({
    replicas,
    questionIds,
    registers,
    batches,
    delays,
    validate: schemas.answer,
    rate: config.RATE_ANSWERS,
    counters,
    clock,
  })

  const streams = createStreams({
    ...{
      nats,
      link,
      news,
      feed,
      replicas,
      questionIds,
      registers,
      delays,
      authentication,
      tokens,
      access,
      schemas,
      acceptAnswer,
    },
    answerCounters: counters,
    ...{ clock, logger, telemetry, slowMs: config.SLOW_REQUEST_MS, maxStreams: config.MAX_STREAMS },
    boardIntervalMs: config.BOARD_INTERVAL_MS,
    limits: { greetingMs: config.RESUME_WAIT_MS, ...deps.streamLimits },
  })

  const tls = tlsFiles(config.EDGE_TLS_CERT_FILE, config.EDGE_TLS_KEY_FILE)
  const api = apiRoutes({
    ...{ authentication, schemas, commands, access, replicas, acceptAnswer, counters, clock },
    standings: streams.standings,
    queryBoard: streams.queryBoard,
    isReady: () => isReady() && link.isUp(),
  })
  const http = await startHttpServer({
    host: config.EDGE_HOST,
    port: config.EDGE_PORT,
    tls,
    routes: [...api, ...streams.routes],
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
  return { http, streams, replicas, link }
}
