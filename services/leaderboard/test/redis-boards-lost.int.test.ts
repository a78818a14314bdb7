import t from 'tap'
import { newId } from '#platform/ids'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createBoards, keyOf } from './support/redis-boards.ts'
import { totalsWith } from './support/totals.ts'

const NAMES = ['board', 'players', 'meta'] as const

t.test('a board that was never built is lost, also for reading and looking', async (t) => {
  const { boards, sessionId } = await createBoards(t)
  t.equal(await boards.apply(sessionId, [totalsWith()]), 'lost')
  t.equal(await boards.read(sessionId), 'lost')
  t.same(await boards.check([sessionId, newId()]), ['lost', 'lost'])
})

t.test('a board is lost after FLUSHALL, after a key of it vanished, and on another run of the server', async (t) => {
  const { boards, redis, server, sessionId } = await createBoards(t)
  const totals = [totalsWith(), totalsWith()]
  for (const name of NAMES) {
    await boards.rebuild(sessionId, 1, totals)
    t.same(await boards.check([sessionId]), [{ epoch: 1, version: 1 }])
    await redis.del(keyOf(sessionId, name))
    t.same(await boards.check([sessionId]), ['lost'], name)
    t.equal(await boards.apply(sessionId, totals), 'lost')
  }
  await boards.rebuild(sessionId, 2, totals)
  await redis.flushall()
  t.same(await boards.check([sessionId]), ['lost'])

  // A server that comes back with its data has another run id.
  await boards.rebuild(sessionId, 3, totals)
  await redis.save()
  await server.kill('SIGKILL')
  await server.start()
  await eventually(() => redis.status === 'ready')
  t.equal(await redis.exists(keyOf(sessionId, 'board')), 1, 'the data are there')
  t.equal(await boards.apply(sessionId, totals), 'lost')
  t.equal(await boards.read(sessionId), 'lost')
  t.same(await boards.rebuild(sessionId, 4, totals), { epoch: 4, version: 1 })
})

t.test('a rebuild never replaces a board that another copy has built meanwhile', async (t) => {
  const { boards, sessionId } = await createBoards(t)
  const standing = totalsWith({ version: 1 })
  await boards.rebuild(sessionId, 5, [standing])
  await boards.apply(sessionId, [{ ...standing, version: 2 }])
  t.same(await boards.rebuild(sessionId, 6, [standing]), { epoch: 6, version: 2 }, 'only the epoch is raised')
  t.match(await boards.read(sessionId), { totals: [{ version: 2 }] })
  t.same(await boards.rebuild(sessionId, 5, []), { epoch: 6, version: 2 }, 'and never lowered')
})

t.test('every key goes away two days after the last change', async (t) => {
  const { boards, redis, sessionId } = await createBoards(t)
  await boards.rebuild(sessionId, 1, [totalsWith()])
  for (const name of NAMES) {
    await redis.expire(keyOf(sessionId, name), 100)
  }
  await boards.apply(sessionId, [totalsWith()])
  for (const name of NAMES) {
    const ttl = await redis.ttl(keyOf(sessionId, name))
    t.ok(ttl > 172_000 && ttl <= 172_800, `${name}: ${ttl} s`)
  }
})

t.test('scripts that the server has forgotten are sent again', async (t) => {
  const { boards, redis, sessionId } = await createBoards(t)
  await boards.rebuild(sessionId, 1, [])
  await redis.script('FLUSH')
  t.match(await boards.rebuild(sessionId, 1, []), { epoch: 1 })
})

t.test('a board of a hundred thousand players is rebuilt and read', async (t) => {
  const { boards, redis, sessionId } = await createBoards(t)
  redis.options.commandTimeout = 60_000 // how long it takes says nothing here
  const totals = Array.from({ length: 100_000 }, (_, index) => totalsWith({ joinOrder: index + 1 }))
  t.same(await boards.rebuild(sessionId, 1, totals), { epoch: 1, version: 1 })
  t.match(await boards.read(sessionId), { totals: { length: 100_000 } })
})

t.test('a stopped server fails with unavailable at once', async (t) => {
  const { boards, redis, server, sessionId } = await createBoards(t)
  await server.kill('SIGKILL')
  await eventually(() => redis.status !== 'ready')
  const before = performance.now()
  await t.rejects(boards.apply(sessionId, [totalsWith()]), { code: 'unavailable' })
  await t.rejects(boards.check([sessionId]), { code: 'unavailable' })
  t.ok(performance.now() - before < 500)
})
