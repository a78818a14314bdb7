import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JsMsg, jetstream } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock'
import { answersStream, evaluatorDurable } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import type { Lifecycle } from '#platform/lifecycle'
import { createPool, type Pool } from '#platform/pg'
import { startTokenVerifier } from '#platform/tokens/config'
import { createDevIssuer, type DevIssuer, devAudience, devIssuerName } from '../../../../deploy/local/keys.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import { startPostgres, testDatabase } from '../../../platform/test/support/postgres.ts'
import { silentLogger, testLifecycle } from '../../../platform/test/support/process.ts'
import type { TestContext, TestServer } from '../../../platform/test/support/server.ts'
import { wordFilterOf } from '../../config.ts'
import type { JoinPolicies } from '../../players/join-limits.ts'
import type { QuotaLimits } from '../../quotas.ts'
import { startSessionService } from '../../service.ts'

const ENOUGH = { burst: 10_000, perSecond: 10_000 }
const PATIENT: JoinPolicies = {
  failures: ENOUGH,
  failuresPerAddress: ENOUGH,
  failuresPerUser: ENOUGH,
  perSession: ENOUGH,
  guestsPerAddress: ENOUGH,
}

/** Real servers with nothing of ours running yet. */
export interface World {
  readonly nats: TestServer
  readonly databaseUrl: string
  /** A Postgres of the test's own, where it was asked for. */
  readonly postgres: TestServer | undefined
  /** The test's own connection. */
  readonly nc: NatsConnection
  /** Accepted answers that no worker has scored; the test stands in for the workers. */
  readonly held: JsMsg[]
  /** The test's own look into the database. */
  readonly pool: Pool
  readonly issuer: DevIssuer
}

export const createWorld = async (t: TestContext, options: { ownPostgres?: boolean } = {}): Promise<World> => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-session-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const postgres = options.ownPostgres === true ? await startPostgres(t) : undefined
  const [nats, database] = await Promise.all([startNats(t, { streams: true }), postgres ?? testDatabase(t)])
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  t.teardown(() => nc.close())
  const pool = createPool({
    url: database.url,
    name: 'test',
    logger: silentLogger(),
    lifecycle: testLifecycle(t),
    max: 4,
  })
  const issuer = await createDevIssuer(join(dir, 'keys'))
  return { nats, databaseUrl: database.url, postgres, nc, held: await holdAnswers(nc), pool, issuer }
}

/** Acknowledges barriers as the workers do, which have nothing to score for them. */
const holdAnswers = async (nc: NatsConnection): Promise<JsMsg[]> => {
  const held: JsMsg[] = []
  const consumer = await jetstream(nc).consumers.get(answersStream(0), evaluatorDurable(0))
  await consumer.consume({
    callback: (message) => {
      if (message.subject === subjects.barrier(0)) message.ack()
      else held.push(message)
    },
  })
  return held
}

/** What a copy verifies tokens with. */
export const tokenConfigOf = ({ issuer: { files } }: World) => ({
  USER_JWKS: files.userJwks,
  USER_ISSUER: devIssuerName,
  USER_AUDIENCE: devAudience,
  PLAYER_JWKS: files.playerJwks,
})

/** One copy of the service within this process, with connections of its own. Stops with the test, or before. */
export const startCopy = async (
  t: TestContext,
  world: World,
  options: {
    readonly openTdbUrl?: string
    readonly joinPolicies?: Partial<JoinPolicies>
    readonly quotas?: Partial<QuotaLimits>
    readonly nicknameWordsFile?: string
  } = {},
): Promise<Lifecycle> => {
  const lifecycle = testLifecycle(t)
  const logger = silentLogger()
  const nats = await connect({ servers: world.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  lifecycle.onStop('nats', () => nats.drain())
  const pool = createPool({ url: world.databaseUrl, name: 'copy', logger, lifecycle })
  await startSessionService({
    pool,
    resultsPool: createPool({ url: world.databaseUrl, name: 'results', max: 2, logger, lifecycle }),
    nats,
    tokens: await startTokenVerifier({ config: tokenConfigOf(world), clock: systemClock, logger, maxTokens: 1_000 }),
    signingKeyFile: world.issuer.files.playerSigningKey,
    openTdbUrl: options.openTdbUrl ?? 'http://127.0.0.1:9',
    answerPartitions: 1,
    isAllowedNickname: await wordFilterOf({ NICKNAME_WORDS_FILE: options.nicknameWordsFile ?? '' }),
    joinPolicies: { ...PATIENT, ...options.joinPolicies },
    maxExtensionMs: 30_000,
    personalDataDays: 365,
    mediaHosts: [],
    quotas: { liveSessions: 1_000, quizzes: 1_000, ...options.quotas },
    lifecycle,
    logger,
    clock: systemClock,
  })
  await nats.flush()
  return lifecycle
}
