import { mkdirSync } from 'node:fs'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import pg from 'pg'
import t from 'tap'
import { testFolder } from '../../../services/platform/test/support/folder.ts'
import { startNats } from '../../../services/platform/test/support/nats.ts'
import { startPostgres } from '../../../services/platform/test/support/postgres.ts'
import { startRedis } from '../../../services/platform/test/support/redis.ts'
import { createNats } from '../servers/nats.ts'
import { createPostgres } from '../servers/postgres.ts'
import { findAccount } from '../servers/postgres-account.ts'
import { TEMPLATE_VARIABLE } from '../servers/postgres-cluster.ts'
import { createRedis } from '../servers/redis.ts'

t.test('NATS keeps a stored message over kill -9 and serves it on the same port', async (t) => {
  const server = await startNats(t, { streams: true })
  const { port, url } = server
  const before = await connect({ servers: url, reconnect: false })
  const ack = await before.request('podium.v1.feed.s1', 'state')
  t.match(ack.string(), /"stream":"FEED", ?"seq":1/)
  await server.kill('SIGKILL')
  await server.start()
  t.equal(server.port, port)
  const after = await connect({ servers: url, reconnect: false })
  t.teardown(() => Promise.all([before.close(), after.close()]))
  const stored = await after.request('$JS.API.DIRECT.GET.FEED', JSON.stringify({ seq: 1 }))
  t.equal(stored.string(), 'state')
  t.equal(after.info?.max_payload, 8 * 1024 * 1024)
})

t.test('Redis is empty after a restart, never evicts and never saves', async (t) => {
  const server = await startRedis(t)
  const redis = new Redis(server.url, { maxRetriesPerRequest: null })
  t.teardown(() => redis.disconnect())
  redis.on('error', () => undefined) // it reconnects; that is the point
  await redis.set('key', 'value')
  await server.stop()
  await server.start()
  t.equal(await redis.dbsize(), 0)
  t.strictSame(await redis.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction'])
  t.strictSame(await redis.config('GET', 'save'), ['save', ''])
})

t.test('Postgres keeps a committed row over kill -9 and refuses a wrong password', async (t) => {
  const server = await startPostgres(t)
  await query(server.url, 'CREATE TABLE kept AS SELECT 7 AS n')
  await server.kill('SIGKILL')
  await server.start()
  t.strictSame(await query(server.url, 'SELECT n FROM kept'), [{ n: 7 }])
  t.strictSame(await query(server.url, 'SHOW server_encoding'), [{ server_encoding: 'UTF8' }])
  const url = new URL(server.url)
  url.password = 'guess'
  await t.rejects(query(url.href, 'SELECT 1'), { code: '28P01' })
})

t.test(
  'a data folder can be used by root with and without user namespaces',
  {
    skip: process.getuid?.() === 0 ? false : 'only root has the choice',
  },
  async (t) => {
    const template = process.env[TEMPLATE_VARIABLE]
    delete process.env[TEMPLATE_VARIABLE] // initdb is what differs
    t.teardown(() => Object.assign(process.env, template !== undefined && { [TEMPLATE_VARIABLE]: template }))
    const dataDir = await testFolder(t)
    const accounts = ['user namespace', 'nobody', 'user namespace'].filter((kind) => works(kind))
    for (const kind of accounts) {
      const server = createPostgres({ dataDir, account: findAccount(kind) })
      t.teardown(() => server.stop())
      await server.start()
      await query(server.url, 'CREATE TABLE IF NOT EXISTS runs (kind text)')
      await query(server.url, `INSERT INTO runs VALUES ('${kind}')`)
      t.equal((await query(server.url, 'SELECT kind FROM runs')).at(-1)?.kind, kind)
      await server.stop()
    }
  },
)

for (const create of [createNats, createRedis, createPostgres]) {
  t.test(`${create.name} gives each of three servers started at once a port of its own`, async (t) => {
    const folder = await testFolder(t)
    const servers = [1, 2, 3].map((number) => create({ dataDir: `${folder}/${number}` }))
    t.teardown(() => Promise.all(servers.map((server) => server.stop())))
    await Promise.all(servers.map((server) => server.start()))
    t.equal(new Set(servers.map((server) => server.port)).size, 3)
  })
}

t.test('a server that is stopped while it starts is gone afterwards', async (t) => {
  const server = createPostgres({ dataDir: await testFolder(t) })
  const started = server.start()
  started.catch(() => undefined) // looked at below
  await server.stop()
  await t.rejects(started, /stopped while starting|ended while starting/)
  t.equal(server.pid, undefined)
})

t.test('a server that cannot start says why', async (t) => {
  const dataDir = await testFolder(t)
  mkdirSync(`${dataDir}/cluster`)
  const server = createPostgres({ dataDir })
  await t.rejects(server.start(), /^postgres ended while starting .exit code \d+.\n +postgres: could not access/)
})

const works = (kind: string): boolean => {
  try {
    return findAccount(kind).kind === kind
  } catch {
    return false
  }
}

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
