import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import { newId } from '#platform/ids'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import { noTelemetry, type Telemetry } from '#platform/telemetry'
import type { TokenVerifier } from '#platform/tokens/token-verifier'
import type { AcceptAnswer, AnswerCounters } from './answers/accept-answer.ts'
import type { AnswerRegisters } from './answers/register.ts'
import type { RequestSchemas } from './api/request-schemas.ts'
import type { Authentication } from './auth/authentication.ts'
import { createBoardSource } from './board/board-source.ts'
import { createRosterSource } from './board/roster.ts'
import type { FeedLog, Link } from './sessions/feed.ts'
import type { SessionAccess } from './sessions/session-access.ts'
import type { SessionReplicas } from './sessions/session-replicas.ts'
import { createChannels } from './streams/channels.ts'
import { createStreamCounters, STREAM_LIMITS, type StreamCounters, type StreamLimits } from './streams/client.ts'
import { createFanOutBudget, inSlices, PLAYER_INTERVAL_MS } from './streams/fan-out.ts'
import { createSseEncoder, createWsEncoder } from './streams/frame.ts'
import { observeStreams } from './streams/metrics.ts'
import { createOpenStreams } from './streams/open.ts'
import { createPresenceChannel } from './streams/presence-channel.ts'
import { createLeaderboardQuery, createPlayerViews, createStandings } from './streams/queries.ts'
import type { NetworkDelays } from './streams/round-trips.ts'
import type { SessionNews } from './streams/session-news.ts'
import { createSseRoute } from './streams/sse-route.ts'
import { createAnswerWatch } from './streams/ws-requests.ts'
import { createWsRoute } from './streams/ws-route.ts'

export interface StreamsDeps {
  readonly nats: NatsConnection
  readonly link: Link
  readonly logger: Logger
  readonly clock: Clock
  readonly authentication: Authentication
  readonly tokens: Pick<TokenVerifier, 'isWithdrawn'>
  readonly access: SessionAccess
  readonly replicas: SessionReplicas
  readonly questionIds: (sessionId: string) => Promise<readonly string[]>
  readonly registers: AnswerRegisters
  readonly delays: NetworkDelays
  readonly feed: FeedLog
  readonly news: SessionNews
  readonly acceptAnswer: AcceptAnswer
  readonly answerCounters: AnswerCounters
  /** As of the HTTP server. Default 500. */
  readonly slowMs?: number
  readonly schemas: RequestSchemas
  readonly telemetry?: Telemetry
  /** Milliseconds between boards to players while a question is open. Default 250. */
  readonly boardIntervalMs?: number
  /** Streams at which further ones get `unavailable`. Default 25 000. */
  readonly maxStreams?: number
  /** What differs from STREAM_LIMITS. */
  readonly limits?: Partial<StreamLimits> | undefined
}

/** What the streams of this process have done so far. */
export interface StreamStats extends Pick<StreamCounters, 'deliveries' | 'stalls' | 'conflated'> {
  /** Clients closed because they were too slow. */
  readonly slow: number
  /** Open connections. */
  readonly streams: number
  /** Ticks that sent a board. */
  readonly ticks: number
  /** Shared frame parts encoded, by protocol. */
  readonly encodings: { readonly sse: number; readonly ws: number }
}

const SWEEP_MS = 1_000

/** Time for close codes to leave before the connections are cut. */
const CLOSE_GRACE_MS = 250

export type Streams = ReturnType<typeof createStreams>

/** The streaming half of an edge: its routes, and what the HTTP half asks of its boards. */
export const createStreams = (deps: StreamsDeps) => {
  const { nats, link, logger, clock, schemas, authentication, access, replicas, questionIds, registers, feed, news } =
    deps
  const { telemetry = noTelemetry(), tokens } = deps
  const sse = { encoder: createSseEncoder(), counters: createStreamCounters() }
  const ws = { encoder: createWsEncoder(), counters: createStreamCounters() }
  observeStreams(telemetry.metrics, { sse, ws })
  const budget = createFanOutBudget()
  let ticks = 0
  const limits = { ...STREAM_LIMITS, ...deps.limits }
  const channels = createChannels({
    overMs: limits.overMs,
    replicas,
    feed,
    boards: createBoardSource({ nats, logger, tracing: telemetry.tracing }),
    news,
    names: createRosterSource(nats, telemetry),
    presences: createPresenceChannel({ nats, logger }),
    edgeId: newId(),
    budget,
    boardIntervalMs: deps.boardIntervalMs ?? PLAYER_INTERVAL_MS,
    clock,
    logger,
    telemetry,
    onTick: () => {
      ticks += 1
    },
  })
  const { open } = channels
  const views = createPlayerViews({ questionIds, registers, logger })
  const streams = createOpenStreams({ access, open, views, clock, logger, maxStreams: deps.maxStreams })

  const shared = { streams, clock, limits }
  link.onUp(channels.resync)

  const sweep = setInterval(() => {
    channels.sweep()
    const now = clock.now()
    const monotonic = clock.monotonic()
    for (const client of streams.all()) client.sweep(now, monotonic, tokens.isWithdrawn)
  }, SWEEP_MS)
  sweep.unref()

  const { acceptAnswer, answerCounters, slowMs = 500 } = deps
  const watchAnswer = createAnswerWatch({ telemetry, counters: answerCounters, slowMs })
  const answering = { authentication, schemas, acceptAnswer, watchAnswer }
  const socket = createWsRoute({ ...shared, ...ws, ...answering, delays: deps.delays, logger })

  return {
    routes: [createSseRoute({ ...shared, ...sse, authentication, schemas })],
    sockets: [socket],
    standings: createStandings(open, views),
    queryBoard: createLeaderboardQuery(access, open),
    stats: (): StreamStats => ({
      deliveries: sse.counters.deliveries + ws.counters.deliveries,
      stalls: sse.counters.stalls + ws.counters.stalls,
      conflated: sse.counters.conflated + ws.counters.conflated,
      slow: sse.counters.closed.slow + ws.counters.closed.slow,
      streams: streams.all().length,
      ticks,
      encodings: { sse: sse.encoder.encodings(), ws: ws.encoder.encodings() },
    }),
    /** Closes every client with the advice to reconnect (4412; the end of an SSE response). */
    close: async (): Promise<void> => {
      streams.stop()
      clearInterval(sweep)
      await socket.drain()
      const clients = streams.all()
      await inSlices(clients, (client) => client.close('draining'), budget.turn)
      channels.close()
      if (clients.length > 0) await sleep(CLOSE_GRACE_MS)
      await socket.close()
    },
  }
}
