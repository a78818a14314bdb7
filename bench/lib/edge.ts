import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { importJWK, SignJWT } from 'jose'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_TYPE } from '#platform/contract/tokens'
import { newId } from '#platform/ids'
import { createDevIssuer, type DevIssuer, devAudience, devIssuerName } from '../../deploy/local/keys.ts'
import { projectRoot } from '../../deploy/local/paths.ts'
import { createTestBoard, type TestBoard } from '../../services/edge/test/support/board-player.ts'
import { createTestSession, type TestSession } from '../../services/edge/test/support/session.ts'
import { testFolder } from '../../services/platform/test/support/folder.ts'
import { startNats } from '../../services/platform/test/support/nats.ts'
import type { TestContext } from '../../services/platform/test/support/server.ts'

/** One real edge process on a NATS server of its own; the bench plays `session` and `leaderboard` on the bus. */
export interface BenchEdge {
  readonly port: number
  readonly pid: number
  readonly nats: NatsConnection
  hostToken(): Promise<string>
  /** A session that exists, with its board. */
  session(): Promise<BenchSession>
  player(sessionId: string, joinOrder: number): Promise<{ readonly playerId: string; readonly token: string }>
  /** May be called again. */
  stop(): Promise<void>
}

export interface BenchSession {
  readonly session: TestSession
  readonly board: TestBoard
}

/** @param execArgv options of the edge's Node, for instance `--cpu-prof` */
export const startBenchEdge = async (execArgv: readonly string[] = []): Promise<BenchEdge> => {
  const ends: (() => unknown)[] = []
  const context = { teardown: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const server = await startNats(context, { streams: true })
  const issuer = await createDevIssuer(join(await testFolder(context), 'keys'))
  const nats = await connect({ servers: server.url })
  const { child, port } = await startProcess(server.url, issuer, execArgv)
  const signingKey = JSON.parse(await readFile(issuer.files.playerSigningKey, 'utf8'))
  const key = await importJWK(signingKey, 'EdDSA')
  const stop = async (): Promise<void> => {
    const gone = once(child, 'exit')
    if (child.kill('SIGTERM')) await gone
    await nats.close()
    for (const end of ends.reverse()) await end()
  }
  let stopping: Promise<void> | undefined
  return {
    port,
    pid: child.pid ?? 0,
    nats,
    hostToken: () => issuer.token({ sub: 'host', name: 'Host', roles: ['host'] }),
    session: async () => {
      const session = createTestSession(nats)
      const board = createTestBoard(nats, session.sessionId)
      await session.publish({ case: 'sessionCreated', value: {} }, { status: 'question_closed' })
      return { session, board }
    },
    player: async (sessionId, joinOrder) => {
      const playerId = newId()
      const token = await new SignJWT({ sid: sessionId, ord: joinOrder, gen: 1, name: `Player ${joinOrder}` })
        .setProtectedHeader({ alg: 'EdDSA', typ: PLAYER_TOKEN_TYPE, kid: signingKey.kid })
        .setIssuer(PLAYER_ISSUER)
        .setAudience(PLAYER_AUDIENCE)
        .setSubject(playerId)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(key)
      return { playerId, token }
    },
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

const startProcess = async (
  natsUrl: string,
  issuer: DevIssuer,
  execArgv: readonly string[],
): Promise<{ child: ChildProcess; port: number }> => {
  const child = spawn(process.execPath, [...execArgv, join(projectRoot, 'services/edge/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NATS_URL: natsUrl,
      EDGE_PORT: '0',
      LOG_LEVEL: 'info',
      USER_JWKS: issuer.files.userJwks,
      USER_ISSUER: devIssuerName,
      USER_AUDIENCE: devAudience,
      PLAYER_JWKS: issuer.files.playerJwks,
    },
  })
  // A bench that fails or is interrupted takes its edge with it.
  process.once('exit', () => child.kill('SIGKILL'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  if (child.stdout === null) throw new Error('the edge has no output')
  let port = 0
  let isReady = false
  const lines = createInterface({ input: child.stdout })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the edge did not start')))
    lines.on('line', (text) => {
      const line = JSON.parse(text)
      if (line.level >= 50) console.error(text)
      if (line.msg === 'listening') port = line.port
      if (line.msg === 'ready') isReady = true
      if (isReady && port > 0) resolve()
    })
  })
  return { child, port }
}
