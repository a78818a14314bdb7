import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import type { Test } from 'tap'
import { type Clock, systemClock } from '#platform/clock'
import { loadConfig } from '#platform/config'
import {
  DISPLAY_AUDIENCE,
  DISPLAY_TOKEN_TYPE,
  PLAYER_AUDIENCE,
  PLAYER_ISSUER,
  PLAYER_TOKEN_TYPE,
} from '#platform/contract/tokens'
import { newId } from '#platform/ids'
import { createLifecycle } from '#platform/lifecycle'
import { createLogger } from '#platform/logger'
import { connectNats, type NatsConnection } from '#platform/nats'
import { createDevIssuer, type DevIssuer, devAudience, devIssuerName } from '../../../../deploy/local/keys.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import { startEdge as startRealEdge } from '../../compose.ts'
import { edgeSpec } from '../../config.ts'
import type { TlsFiles } from '../../http/connections.ts'
import type { StreamLimits } from '../../streams/client.ts'
import { serve, serveAnswers } from './session.ts'
import { openSse, openWs, type TestStream } from './stream-readers.ts'

export type TestEdge = Awaited<ReturnType<typeof startEdge>>

export interface TestPlayer {
  readonly playerId: string
  readonly nickname: string
  readonly token: string
}

/** A whole edge in this process with a NATS server of its own; the test plays `session` and `leaderboard` on the bus. */
export const startEdge = async (
  t: Test,
  options: {
    /** Another edge, whose NATS server and keys this one uses. */
    readonly beside?: { readonly natsServer: Awaited<ReturnType<typeof startNats>>; readonly issuer: DevIssuer }
    readonly limits?: Partial<StreamLimits>
    readonly tls?: TlsFiles
    readonly env?: NodeJS.ProcessEnv
    readonly clock?: Clock
  } = {},
) => {
  const { beside, limits = {}, tls, env, clock = systemClock } = options
  const natsServer = beside?.natsServer ?? (await startNats(t, { streams: true }))
  const issuer = beside?.issuer ?? (await newIssuer(t))
  const config = loadConfig(edgeSpec, {
    EDGE_PORT: '0',
    USER_JWKS: issuer.files.userJwks,
    USER_ISSUER: devIssuerName,
    USER_AUDIENCE: devAudience,
    PLAYER_JWKS: issuer.files.playerJwks,
    ...(tls !== undefined && { EDGE_TLS_CERT_FILE: tls.certFile, EDGE_TLS_KEY_FILE: tls.keyFile }),
    ...env,
  })
  const logger = createLogger({ service: 'edge', instance: 'test', level: process.env.LOG_LEVEL ?? 'silent' })
  const nats = await connectForTest(t, natsServer.url)
  if (beside === undefined) serveAnswers(nats)
  const edge = await startRealEdge({ config, nats, clock, logger, streamLimits: limits })
  const { http, streams, replicas, link } = edge
  t.teardown(async () => {
    await streams.close()
    http.close()
    replicas.close()
  })

  const signingKey = JSON.parse(await readFile(issuer.files.playerSigningKey, 'utf8'))
  const key = await importJWK(signingKey, 'EdDSA')
  /** A signed player token; some claims or the header may be spoilt. */
  const playerToken = (
    { sub, sid, ord = 1, ...more }: { sub: string; sid: string; ord?: number } & Record<string, unknown>,
    typ = PLAYER_TOKEN_TYPE,
    audience = PLAYER_AUDIENCE,
  ): Promise<string> =>
    new SignJWT({ sid, ord, gen: 1, name: 'Ada', ...more })
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: signingKey.kid })
      .setIssuer(PLAYER_ISSUER)
      .setAudience(audience)
      .setSubject(sub)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(typeof more.exp === 'number' ? more.exp : '1h')
      .sign(key)

  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${http.port}`
  const open = (stream: TestStream): TestStream => {
    t.teardown(stream.close)
    return stream
  }
  return {
    url,
    port: http.port,
    streams,
    link,
    natsServer,
    issuer,
    /** The edge's own connection: what is subscribed here is known to the server before the edge's next request. */
    nats,
    /** The other side of the bus. */
    bus: await connectForTest(t, natsServer.url),
    playerToken,
    displayToken: (sessionId: string) =>
      playerToken({ sub: newId(), sid: sessionId }, DISPLAY_TOKEN_TYPE, DISPLAY_AUDIENCE),
    hostToken: (sub = 'host') => issuer.token({ sub, name: 'Host', roles: ['host'] }),
    player: async (sessionId: string, nickname: string, claims: Record<string, unknown> = {}): Promise<TestPlayer> => {
      const playerId = newId()
      const token = await playerToken({ sub: playerId, sid: sessionId, name: nickname, ...claims })
      return { playerId, nickname, token }
    },
    sse: async (sessionId: string, token: string, headers?: Record<string, string>, query = ''): Promise<TestStream> =>
      open(await openSse(`${url}/v1/sessions/${sessionId}/events${query}`, token, headers)),
    ws: async (sessionId: string, token: string, query = ''): Promise<TestStream> =>
      open(await openWs(`${url.replace('http', 'ws')}/v1/sessions/${sessionId}/ws${query}`, token)),
    get: async (path: string, token: string): Promise<{ status: number; body: Record<string, unknown> }> => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

const newIssuer = async (t: Test) => {
  const keysDir = await mkdtemp(join(tmpdir(), 'podium-edge-'))
  t.teardown(() => rm(keysDir, { recursive: true, force: true }))
  return createDevIssuer(keysDir)
}

/** As services connect, but nothing ends the process; closed in teardown. */
export const connectForTest = async (t: Test, url: string): Promise<NatsConnection> => {
  const logger = createLogger({ service: 'test', instance: 'test', level: 'silent' })
  const proc = { on: () => proc, exit: () => undefined } as unknown as NodeJS.Process
  const lifecycle = createLifecycle(logger, proc)
  const nats = await connectNats({ service: 'edge', url, name: `test-${newId()}`, logger, lifecycle })
  t.teardown(() => lifecycle.stop('test over'))
  return nats
}

/** Answers `session-roster` for the rest of the test. */
export const serveRoster = (edge: Pick<TestEdge, 'bus'>, players: readonly TestPlayer[]) =>
  serve(edge.bus, 'session-roster', () => ({
    case: 'roster',
    value: { players: players.map(({ playerId, nickname }) => ({ playerId, nickname })) },
  }))
