import t from 'tap'
import { newId } from '#platform/ids'
import { connectRedis } from '#platform/redis'
import { freePort } from '../../../deploy/local/processes/ports.ts'
import { createRedis } from '../../../deploy/local/servers/redis.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { silentLogger, testLifecycle } from '../../platform/test/support/process.ts'
import { startServer } from '../../platform/test/support/server.ts'
import { createRedisBoards } from '../redis-boards.ts'
import { keyOf } from './support/redis-boards.ts'
import { totalsWith } from './support/totals.ts'

t.test('a server of a Redis Cluster finds all keys of a script in one slot', async (t) => {
  const settings = { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) }
  const server = await startServer(t, (options) => createRedis({ ...options, settings }))
  const redis = connectRedis({ url: server.url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t) })
  await eventually(() => redis.status === 'ready')
  await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
  await eventually(async () => (await redis.cluster('INFO')).includes('cluster_state:ok'), { timeoutMs: 30_000 })

  const boards = createRedisBoards(redis)
  const sessions = [newId(), newId(), newId()]
  for (const sessionId of sessions) {
    const totals = [totalsWith()]
    t.same(await boards.rebuild(sessionId, 1, totals), { epoch: 1, version: 1 })
    t.match(await boards.apply(sessionId, [totalsWith()]), { epoch: 1, from: 1, to: 2 })
    t.match(await boards.read(sessionId), { epoch: 1, version: 2 })
    t.same(await boards.check([sessionId]), [{ epoch: 1, version: 2 }])
  }
  // The server does look: keys of different sessions are in different slots.
  const metas = Array.from({ length: 20 }, () => keyOf(newId(), 'meta'))
  await t.rejects(redis.del(...metas), { message: /CROSSSLOT/ })
})
