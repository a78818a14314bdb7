import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

t.test('a player who is removed loses every stream on every edge within a second, and the token', async (t) => {
  const one = await startEdge(t)
  const other = await startEdge(t, { beside: one })
  const session = createTestSession(one.bus)
  createTestBoard(one.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const ada = await one.player(session.sessionId, 'Ada')
  const bob = await one.player(session.sessionId, 'Bob', { ord: 2 })
  const streams = await Promise.all(
    [one, other].flatMap((edge) => [edge.ws(session.sessionId, ada.token), edge.sse(session.sessionId, ada.token)]),
  )
  const bystander = await other.ws(session.sessionId, bob.token)
  for (const stream of [...streams, bystander]) await stream.next('session.snapshot')

  const { playerId } = ada
  await session.publish(
    { case: 'playerRemoved', value: { playerIds: [playerId] } },
    {},
    { removedPlayerIds: [playerId] },
  )
  const at = performance.now()
  const closed = await Promise.all(streams.map((stream) => stream.closed))
  t.ok(performance.now() - at < 1_000, 'within a second')
  t.same(
    closed.map(({ code }) => code),
    [4503, 0, 4503, 0],
  )
  for (const edge of [one, other]) {
    const path = `/v1/sessions/${session.sessionId}`
    for (const resource of ['', '/leaderboard', '/events']) {
      t.match(await edge.get(`${path}${resource}`, ada.token), { status: 401, body: { code: 'unauthorized' } })
    }
    await t.rejects(edge.ws(session.sessionId, ada.token))
    t.match(await edge.get(path, bob.token), { status: 200 })
  }
  bystander.send({ type: 'time', ref: 1 })
  await bystander.next('time')
  await eventually(() => one.streams.stats().streams + other.streams.stats().streams === 1)
})

t.test('a stream ends with 4501 when its token does, and not before', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const exp = Math.floor(Date.now() / 1_000) + 3
  const ada = await edge.player(session.sessionId, 'Ada', { exp })
  const token = await edge.issuer.token({ sub: 'host', roles: ['host'], ttlSeconds: 3 })
  const streams = [await edge.ws(session.sessionId, ada.token), await edge.ws(session.sessionId, token)]
  const sse = await edge.sse(session.sessionId, token)
  for (const stream of [...streams, sse]) await stream.next('session.snapshot')
  t.same(
    (await Promise.all(streams.map((stream) => stream.closed))).map(({ code }) => code),
    [4501, 4501],
  )
  await sse.closed
  t.ok(Date.now() >= exp * 1_000 - 1_000)
})

t.test(
  'the streams of a session that is over end with 4504, and who has seen its end is not let in again',
  async (t) => {
    const edge = await startEdge(t, { limits: { overMs: 100 } })
    const session = createTestSession(edge.bus)
    createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    const ada = await edge.player(session.sessionId, 'Ada')
    const [socket, sse] = [await edge.ws(session.sessionId, ada.token), await edge.sse(session.sessionId, ada.token)]
    for (const stream of [socket, sse]) await stream.next('session.snapshot')
    const finishedAtMs = Date.now() - 120_000
    await session.publish({ case: 'sessionFinished', value: {} }, { status: 'finished', finishedAtMs })
    const finished = await socket.next('session.finished')
    t.equal((await socket.closed).code, 4504)
    await sse.closed
    t.ok(sse.types().includes('session.finished'))
    const late = await edge.ws(session.sessionId, ada.token)
    await late.next('session.snapshot')
    t.equal((await late.closed).code, 4504, 'also one that comes to look')
    const again = await fetch(`${edge.url}/v1/sessions/${session.sessionId}/events`, {
      headers: { authorization: `Bearer ${ada.token}`, 'last-event-id': String(finished.id) },
    })
    t.match([again.status, await again.json()], [409, { code: 'session-over' }])
  },
)
