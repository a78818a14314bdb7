import type { Test } from 'tap'
import { systemClock } from '#platform/clock'
import { newId } from '#platform/ids'
import { createLogger } from '#platform/logger'
import { startNats } from '../../../platform/test/support/nats.ts'
import { apiRoutes } from '../../api/routes.ts'
import { startHttpServer } from '../../http/server.ts'
import type { TlsFiles } from '../../http/tls.ts'
import type { StreamLimits } from '../../streams/client.ts'
import { createStreams, type Streams } from '../../streams.ts'
import { connectForTest, startEdge, type TestEdge } from './edge.ts'
import { serve } from './session.ts'
import { openSse, openWs, type TestStream } from './stream-readers.ts'

/** A whole edge in this process with a NATS server of its own; the test plays `session` and `leaderboard` on the bus. */
export interface StreamEdge {
  readonly url: string
  readonly streams: Streams
  readonly edge: TestEdge
  readonly natsServer: Awaited<ReturnType<typeof startNats>>
  /** The other side of the bus. */
  readonly bus: TestEdge['nats']
  hostToken(sub?: string): Promise<string>
  player(sessionId: string, name: string, claims?: Record<string, unknown>): Promise<TestPlayer>
  sse(sessionId: string, token: string, headers?: Record<string, string>, query?: string): Promise<TestStream>
  ws(sessionId: string, token: string, query?: string): Promise<TestStream>
  get(path: string, token: string): Promise<{ status: number; body: Record<string, unknown> }>
}

export interface TestPlayer {
  readonly playerId: string
  readonly nickname: string
  readonly token: string
}

export interface StreamEdgeOptions {
  /** Another edge, whose NATS server and keys this one uses. */
  readonly beside?: StreamEdge
  readonly limits?: Partial<StreamLimits>
  readonly tls?: TlsFiles
  readonly env?: NodeJS.ProcessEnv
}

export const startStreamEdge = async (t: Test, options: StreamEdgeOptions = {}): Promise<StreamEdge> => {
  const { beside, limits = {}, tls, env = {} } = options
  const natsServer = beside?.natsServer ?? (await startNats(t, { streams: true }))
  const edge = await startEdge(t, natsServer.url, { issuer: beside?.edge.issuer, env })
  const bus = await connectForTest(t, natsServer.url)
  const logger = createLogger({ service: 'edge', instance: 'test', level: process.env.LOG_LEVEL ?? 'silent' })
  const clock = systemClock
  const { link, feed, answers, commands } = edge.bus
  const streams = createStreams({ ...edge.core, nats: edge.nats, logger, clock, link, feed, answers, limits })
  const isReady = async () => true
  const { standings } = streams
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: [...apiRoutes({ ...edge.core, commands, clock, isReady, standings }), ...streams.routes],
    sockets: streams.sockets,
    tls,
    maxConnections: edge.config.MAX_CONNECTIONS,
    logger,
  })
  t.teardown(async () => {
    await streams.close()
    server.close()
  })
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.port}`
  const open = (stream: TestStream): TestStream => {
    t.teardown(stream.close)
    return stream
  }
  return {
    url,
    streams,
    edge,
    natsServer,
    bus,
    hostToken: (sub = 'host') => edge.issuer.token({ sub, name: 'Host', roles: ['host'] }),
    player: async (sessionId, nickname, claims = {}) => {
      const playerId = newId()
      const token = await edge.playerToken({ sub: playerId, sid: sessionId, name: nickname, ...claims })
      return { playerId, nickname, token }
    },
    sse: async (sessionId, token, headers, query = '') =>
      open(await openSse(`${url}/v1/sessions/${sessionId}/events${query}`, token, headers)),
    ws: async (sessionId, token, query = '') =>
      open(await openWs(`${url.replace('http', 'ws')}/v1/sessions/${sessionId}/ws${query}`, token)),
    get: async (path, token) => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

/** Answers `session-roster` for the rest of the test. */
export const serveRoster = (edge: StreamEdge, players: readonly TestPlayer[]) =>
  serve(edge.bus, 'session-roster', () => ({
    case: 'roster',
    value: { players: players.map(({ playerId, nickname }) => ({ playerId, nickname })) },
  }))
