import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createDevIssuer, devAudience, devIssuerName } from '../../../deploy/local/keys.ts'
import { freePort } from '../../../deploy/local/processes/ports.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createHttp } from '../../platform/test/support/http.ts'
import { startNats } from '../../platform/test/support/nats.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

const run = (t: Test, env: Record<string, string>) => {
  const child: ChildProcess = spawn(process.execPath, [MAIN], { env: { PATH: process.env.PATH, ...env } })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout?.on('data', (data) => {
    output += data
  })
  child.stderr?.on('data', (data) => {
    output += data
  })
  const logged = (message: string): Record<string, unknown> | undefined =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .find(({ msg }) => msg === message)
  return { child, output: () => output, logged }
}

const issuerOf = async (t: Test) => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-edge-'))
  t.teardown(() => rm(dir, { recursive: true }))
  return createDevIssuer(dir)
}

t.test('without configuration it names everything that is missing and exits 1', async (t) => {
  const { child, output } = run(t, { NATS_URL: 'nats://127.0.0.1:1', EDGE_PORT: '99999' })
  t.same(await once(child, 'close'), [1, null])
  for (const name of ['USER_JWKS', 'USER_ISSUER', 'USER_AUDIENCE', 'PLAYER_JWKS', 'EDGE_PORT']) {
    t.match(output(), new RegExp(name))
  }
})

t.test('it starts, is ready, and stops with 0 on SIGTERM', async (t) => {
  const nats = await startNats(t, { streams: true })
  const issuer = await issuerOf(t)
  const healthPort = await freePort()
  const edge = run(t, {
    NATS_URL: nats.url,
    EDGE_PORT: '0',
    HEALTH_PORT: String(healthPort),
    INSTANCE: 'edge-7',
    USER_JWKS: issuer.files.userJwks,
    USER_ISSUER: devIssuerName,
    USER_AUDIENCE: devAudience,
    PLAYER_JWKS: issuer.files.playerJwks,
  })
  const listening = await eventually(() => edge.logged('ready') && edge.logged('listening'), { timeoutMs: 15_000 })
  const http = createHttp(`http://127.0.0.1:${listening?.port}`)
  t.match(await http('GET', '/readyz'), { status: 200 })
  await http('GET', '/v1/time')
  const operator = createHttp(`http://127.0.0.1:${healthPort}`)
  const { body: metrics } = await operator('GET', '/metrics')
  t.match(metrics, /^http_server_request_duration_seconds_count\{.*http_route="\/v1\/time".*\} 1$/m)
  t.match(metrics, /^podium_build_info\{service="edge",version="[\d.]+",.*\} 1$/m)
  t.match(await http('GET', '/v1/sessions/x/ws'), { status: 400, body: { code: 'malformed' } }, 'no upgrade')
  const token = await issuer.token({ sub: 'host', roles: ['host'] })
  t.match(await http('POST', '/v1/quizzes/import', { token, body: { format: 'csv', title: 'x', content: 'y' } }), {
    status: 503,
  })
  t.notMatch(edge.output(), token, 'no token in the logs')
  const closed = once(edge.child, 'close')
  edge.child.kill('SIGTERM')
  t.same(await closed, [0, null])
  await t.rejects(http('GET', '/livez'))
})

t.test('a port that is taken ends the start', async (t) => {
  const nats = await startNats(t, { streams: true })
  const issuer = await issuerOf(t)
  const edge = run(t, {
    NATS_URL: nats.url,
    EDGE_PORT: String(nats.port),
    USER_JWKS: issuer.files.userJwks,
    USER_ISSUER: devIssuerName,
    USER_AUDIENCE: devAudience,
    PLAYER_JWKS: issuer.files.playerJwks,
  })
  t.same(await once(edge.child, 'close'), [1, null])
  t.match(edge.output(), /cannot listen/)
})
