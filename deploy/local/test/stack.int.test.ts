import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { parseEnv } from 'node:util'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import t, { type Test } from 'tap'
import { eventually } from '../../../services/platform/test/support/eventually.ts'
import { startNats } from '../../../services/platform/test/support/nats.ts'
import { testDatabase } from '../../../services/platform/test/support/postgres.ts'
import { processIdentity } from '../processes/identity.ts'
import { type StackOptions, startStack } from '../stack.ts'
import { stubServices } from './support/stub-services.ts'

/** Options for stub services, and for speed without a Postgres of the stack's own. */
const optionsFor = async (t: Test, tricks?: Parameters<typeof stubServices>[1]): Promise<StackOptions> => ({
  ...(await stubServices(t, tricks)),
  servers: { postgres: (await testDatabase(t)).url },
})

/** Starts a stack; `lines` has everything it logged, `environment` what a stub service found in its environment. */
const start = async (t: Test, options: Partial<StackOptions> = {}) => {
  const lines: string[] = []
  const stack = await startStack({ ...(await optionsFor(t)), onLine: (line) => lines.push(line), ...options })
  t.teardown(stack.stop)
  const environment = (process: string): Record<string, string> => {
    const prefix = `${process} | environment `
    return JSON.parse(lines.findLast((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '{}')
  }
  return { stack, lines, environment }
}

/** For `start`: every server is the stack's own. */
const ownServers = { servers: {} }

t.test('a stack with servers of its own', async (t) => {
  process.env.PODIUM_TEST_PASSES = 'yes'
  process.env.SECRET_OF_THE_SHELL = 'stays'
  t.teardown(() => {
    delete process.env.PODIUM_TEST_PASSES
    delete process.env.SECRET_OF_THE_SHELL
  })
  const { stack, environment, lines } = await start(t, {
    ...ownServers,
    copies: { edge: 2, scorer: 3 },
    env: { EXTRA: 'given' },
    logLevel: 'debug',
  })

  await t.test('a stack runs the wanted number of copies, each with its own place to be asked', async (t) => {
    const names = stack.processes.map(({ name, copy }) => `${name}.${copy}`).sort()
    t.strictSame(
      names,
      'edge.1 edge.2 evaluator.1 leaderboard.1 nats.1 postgres.1 redis.1 scorer.1 scorer.2 scorer.3 session.1'.split(
        ' ',
      ),
    )
    const places = stack.processes.map(({ healthUrl }) => healthUrl).filter((url) => url !== undefined)
    t.equal(new Set(places).size, 8)
    for (const place of places) t.equal((await fetch(`${place}/readyz`)).status, 200)
    t.equal(environment('edge.1').EDGE_PORT, environment('edge.2').EDGE_PORT)
    t.equal(environment('scorer.2').INSTANCE, 'scorer-2')
    t.strictSame(parseEnv(readFileSync(`${stack.dir}/env`, 'utf8')), {
      EDGE_URL: stack.urls.edge,
      NATS_URL: stack.urls.nats,
      REDIS_URL: stack.urls.redis,
      DATABASE_URL: stack.urls.postgres,
      VERIFY_NATS_URL: stack.urlsOf('verify').nats,
      VERIFY_REDIS_URL: stack.urlsOf('verify').redis,
      VERIFY_DATABASE_URL: stack.urlsOf('verify').postgres,
    })
  })

  await t.test('each service gets only the addresses it works with', async (t) => {
    const urls = (name: string) =>
      Object.keys(environment(name))
        .filter((key) => key.endsWith('_URL'))
        .sort()
    t.strictSame(urls('edge.1'), ['NATS_URL'])
    t.strictSame(urls('session.1'), ['DATABASE_URL', 'NATS_URL'])
    t.strictSame(urls('evaluator.1'), ['DATABASE_URL', 'NATS_URL'])
    t.strictSame(urls('scorer.1'), ['DATABASE_URL', 'NATS_URL'])
    t.strictSame(urls('leaderboard.1'), ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'])
    t.match(environment('edge.1'), { EXTRA: 'given', PODIUM_TEST_PASSES: 'yes', LOG_LEVEL: 'debug' })
    t.equal(environment('edge.1').SECRET_OF_THE_SHELL, undefined)
    t.equal(environment('edge.1').NODE_OPTIONS, undefined, 'the hooks of the test runner stay outside')
  })

  await t.test('every service has a user of its own on the servers, with an own password', async (t) => {
    const users = (name: string) =>
      ['NATS_URL', 'DATABASE_URL', 'REDIS_URL']
        .map((key) => environment(name)[key])
        .filter((url) => url !== undefined)
        .map((url) => new URL(url).username)
    t.strictSame(users('edge.1'), ['edge'])
    t.strictSame(users('session.1'), ['session', 'podium_session'])
    t.strictSame(users('evaluator.1'), ['evaluator', 'podium_evaluator'])
    t.strictSame(users('scorer.1'), ['scorer', 'podium_scorer'])
    t.strictSame(users('leaderboard.1'), ['leaderboard', 'podium_leaderboard', 'leaderboard'])
    for (const file of ['keys/credentials.json', 'data/redis/users.acl', 'env']) {
      t.equal(statSync(`${stack.dir}/${file}`).mode & 0o777, 0o600, file)
    }
    const passwords = readFileSync(`${stack.dir}/keys/credentials.json`, 'utf8').match(/"p[0-9a-f]{36}"/g) ?? []
    t.equal(new Set(passwords).size, 18)
    const files =
      readFileSync(`${stack.dir}/data/redis/users.acl`, 'utf8') + readFileSync(`${stack.dir}/data/nats/nats.conf`)
    // The stubs log their whole environment.
    const logged = lines.filter((line) => !line.includes('| environment ')).join('\n')
    for (const password of passwords) t.notMatch(files + logged, password.slice(1, -1))
  })

  await t.test('the schema and the streams are there before the services are', async (t) => {
    const client = new pg.Client({ connectionString: stack.urls.postgres })
    await client.connect()
    t.teardown(() => client.end())
    t.equal((await client.query('SELECT 1 FROM ledger')).rowCount, 0)
  })

  await t.test('what dies is started again: a service, and each server on its port with its data', async (t) => {
    const urls = { ...stack.urls }
    for (const name of ['scorer', 'nats', 'redis', 'postgres'] as const) {
      const victim = stack.process(name)
      const before = victim.pid
      await victim.kill('SIGKILL')
      await victim.ready()
      t.not(victim.pid, before, name)
      t.equal(victim.restarts, 1, name)
    }
    t.strictSame(stack.urls, urls)
  })

  await t.test('stopping goes from the clients to the servers and leaves nothing', async (t) => {
    const pids = stack.processes.map(({ pid }) => pid)
    await Promise.all([stack.stop(), stack.stop()])
    t.strictSame(
      pids.map((pid) => pid && processIdentity(pid)),
      pids.map(() => undefined),
    )
    t.strictSame(readdirSync(`${stack.dir}/pids`), [])
    t.notOk(existsSync(`${stack.dir}/env`))
    const left = lines.filter((line) => line.endsWith('| leaving')).map((line) => line.split('.')[0])
    t.strictSame(left.slice(0, 3), ['edge', 'edge', 'session'])
    t.equal(left.length, 8)
    t.ok(
      lines.findIndex((line) => /^nats \| .*Exiting/.test(line)) >
        lines.findLastIndex((line) => line.endsWith('| leaving')),
    )
  })
})

t.test('what works on answers is one process, unless copies of a part of it are wanted', async (t) => {
  const { stack, environment } = await start(t, { copies: { worker: 2 } })
  const services = stack.processes.filter(({ healthUrl }) => healthUrl !== undefined)
  t.strictSame(services.map(({ name, copy }) => `${name}.${copy}`).sort(), [
    'edge.1',
    'session.1',
    'worker.1',
    'worker.2',
  ])
  t.strictSame(
    Object.keys(environment('worker.2'))
      .filter((key) => key.endsWith('_URL'))
      .sort(),
    ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'],
  )
})

t.test('a process stopped on purpose stays down until it is started', async (t) => {
  const { stack } = await start(t)
  const redis = stack.process('redis')
  await redis.stop()
  await t.rejects(redis.ready(300), /not ready within 300 ms/)
  t.equal(redis.pid, undefined)
  await redis.start()
  t.ok(redis.pid)
})

t.test('a process that is frozen is stopped all the same', async (t) => {
  const { stack } = await start(t)
  const { pid } = stack.process('session')
  await stack.process('session').kill('SIGSTOP')
  await stack.stop()
  t.equal(pid && processIdentity(pid), undefined)
})

t.test('a service that cannot start fails the whole start with its last lines of log, and nothing runs', async (t) => {
  const options = await optionsFor(t, { 'worker-1': 'exit' })
  await t.rejects(startStack(options), /^worker\.1 ended while starting .exit code 1.[\s\S]*FOO is missing/)
  t.strictSame(readdirSync(`${options.dir}/pids`), [])
})

t.test('a service that never gets ready fails the start after the deadline', async (t) => {
  const options = { ...(await optionsFor(t, { 'edge-1': 'unready' })), readyTimeoutMs: 4_000 }
  await t.rejects(startStack(options), /^edge\.1 did not become ready in time .\/readyz answers 503/)
})

t.test('a taken edge port is said before anything is started', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const edgePort = typeof address === 'object' && address !== null ? address.port : 0
  const events: string[] = []
  const starting = startStack({ ...(await stubServices(t)), edgePort, onEvent: (text) => events.push(text) })
  await t.rejects(starting, new RegExp(`port ${edgePort} is taken.*EDGE_PORT`))
  t.strictSame(events, ['stopped'])
})

t.test('a folder holds one stack at a time', async (t) => {
  const { stack } = await start(t)
  await t.rejects(startStack({ dir: stack.dir }), /a stack runs in .* already/)
  t.ok(stack.process('nats').pid, 'the first one is not disturbed')
})

t.test('servers given by URL are used, not started and not stopped', async (t) => {
  const nats = await startNats(t)
  const { stack, environment } = await start(t, { servers: { nats: nats.url, postgres: (await testDatabase(t)).url } })
  t.equal(environment('edge.1').NATS_URL, nats.url)
  t.throws(() => stack.process('nats'), /has no nats\.1/)
  await stack.stop()
  const connection = await connect({ servers: nats.url, reconnect: false })
  await connection.close()
})

t.test('an abort while starting stops everything', async (t) => {
  const options = await optionsFor(t)
  const abort = new AbortController()
  const starting = startStack({ ...options, signal: abort.signal, onEvent: () => abort.abort() })
  await t.rejects(starting, /stopped while starting/)
  t.strictSame(readdirSync(`${options.dir}/pids`), [])
})

t.test('an abort later stops the stack as well', async (t) => {
  const abort = new AbortController()
  const { stack } = await start(t, { signal: abort.signal })
  abort.abort()
  await eventually(() => stack.processes.every(({ pid }) => pid === undefined), { what: 'every process is gone' })
})
