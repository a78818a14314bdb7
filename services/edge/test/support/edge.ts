import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import type { Test } from 'tap'
import { type Clock, systemClock } from '#platform/clock'
import { type Config, loadConfig } from '#platform/config'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_TYPE } from '#platform/contract/tokens'
import { createJetStreamProbe } from '#platform/health'
import { newId } from '#platform/ids'
import { createLifecycle } from '#platform/lifecycle'
import { createLogger } from '#platform/logger'
import { connectNats, type NatsConnection } from '#platform/nats'
import { createDevIssuer, type DevIssuer, devAudience, devIssuerName } from '../../../../deploy/local/keys.ts'
import { apiRoutes } from '../../api/routes.ts'
import { type Bus, createBus } from '../../bus.ts'
import { edgeSpec } from '../../config.ts'
import { type Core, createCore } from '../../core.ts'
import { createClientAddresses } from '../../http/client-addresses.ts'
import { startHttpServer } from '../../http/server.ts'
import type { Standings } from '../../ports.ts'

/** The HTTP half of an edge in this process, on a real NATS server. */
export interface TestEdge {
  readonly url: string
  readonly port: number
  readonly nats: NatsConnection
  readonly bus: Bus
  readonly core: Core
  readonly config: Config<typeof edgeSpec>
  readonly issuer: DevIssuer
  /** A signed player token; some claims or the header may be spoilt. */
  playerToken(
    claims: { sub: string; sid: string; ord?: number } & Record<string, unknown>,
    typ?: string,
  ): Promise<string>
}

/** Boards belong to the streaming half; here all players are first with no points. */
const standings: Standings = {
  of: async ({ playerId, nickname }) => ({ playerId, nickname, score: 0, rank: 1, answered: [] }),
  presence: async () => ({ connectedCount: 0, disconnected: [] }),
}

export const startEdge = async (
  t: Test,
  natsUrl: string,
  options: { readonly clock?: Clock; readonly issuer?: DevIssuer | undefined; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<TestEdge> => {
  const { clock = systemClock } = options
  const issuer = options.issuer ?? (await newIssuer(t))
  const logger = createLogger({ service: 'edge', instance: 'test', level: process.env.LOG_LEVEL ?? 'silent' })
  const nats = await connectForTest(t, natsUrl)
  const bus = await createBus(nats, logger)
  const config = loadConfig(edgeSpec, {
    EDGE_PORT: '0',
    USER_JWKS: issuer.files.userJwks,
    USER_ISSUER: devIssuerName,
    USER_AUDIENCE: devAudience,
    PLAYER_JWKS: issuer.files.playerJwks,
    ...options.env,
  })
  const core = await createCore({
    config,
    bus,
    clock,
    logger,
  })
  const probe = createJetStreamProbe({ publisher: bus.publisher, everyMs: 0 })
  const isReady = async () => bus.link.isUp() && (await probe())
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: apiRoutes({ ...core, commands: bus.commands, clock, isReady, standings }),
    sockets: [],
    addresses: createClientAddresses(config.TRUSTED_PROXIES),
    maxConnections: config.MAX_CONNECTIONS,
    logger,
  })
  t.teardown(() => {
    server.close()
    core.replicas.close()
  })
  const signingKey = JSON.parse(await readFile(issuer.files.playerSigningKey, 'utf8'))
  const key = await importJWK(signingKey, 'EdDSA')
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    nats,
    bus,
    core,
    config,
    issuer,
    playerToken: ({ sub, sid, ord = 1, ...more }, typ = PLAYER_TOKEN_TYPE) =>
      new SignJWT({ sid, ord, gen: 1, name: 'Ada', ...more })
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: signingKey.kid })
        .setIssuer(PLAYER_ISSUER)
        .setAudience(PLAYER_AUDIENCE)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(typeof more.exp === 'number' ? more.exp : '1h')
        .sign(key),
  }
}

const newIssuer = async (t: Test): Promise<DevIssuer> => {
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
