import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

t.test('presence across two edges', async (t) => {
  const first = await startEdge(t)
  const second = await startEdge(t, { beside: first })
  const session = createTestSession(first.bus)
  const board = createTestBoard(first.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const path = `/v1/sessions/${session.sessionId}`
  const ada = await first.player(session.sessionId, 'Ada', { ord: 1 })
  const bob = await first.player(session.sessionId, 'Bob', { ord: 2 })
  const cleo = await first.player(session.sessionId, 'Cleo', { ord: 3 })
  board.set(...[ada, bob, cleo].map(({ playerId }, index) => ({ playerId, joinOrder: index + 1 })))
  const hostToken = await first.hostToken()
  const host = await first.ws(session.sessionId, hostToken)
  const latest = () => host.of('presence.updated').at(-1)?.data

  await t.test('the host learns who is connected, wherever', async (t) => {
    const adas = await first.ws(session.sessionId, ada.token)
    const bobs = await second.sse(session.sessionId, bob.token)
    await eventually(() => latest()?.connectedCount === 2)
    t.same(latest(), { connectedCount: 2, disconnected: [cleo.playerId] })
    t.equal(host.messages[0]?.type, 'session.snapshot')

    await t.test('and gets changes, but not when a player only changes the edge', async (t) => {
      const told = host.of('presence.updated').length
      const moved = await first.ws(session.sessionId, bob.token)
      await moved.next('session.snapshot')
      bobs.close()
      adas.close()
      await eventually(() => latest()?.connectedCount === 1)
      t.same(latest().disconnected, [ada.playerId, cleo.playerId])
      t.equal(host.of('presence.updated').length, told + 1)
      t.notOk(adas.types().includes('presence.updated'), 'players are not told')
    })
  })

  await t.test('the host can ask any edge, a player cannot', async (t) => {
    const third = await startEdge(t, { beside: first })
    const { body } = await third.get(path, hostToken)
    t.same(body.presence, { connectedCount: 1, disconnected: [ada.playerId, cleo.playerId] })
    t.notOk('presence' in (await third.get(path, ada.token)).body)
  })
})

t.test('a takeover is known to edges that were not there when it happened', async (t) => {
  const first = await startEdge(t)
  const session = createTestSession(first.bus)
  const board = createTestBoard(first.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const ada = await first.player(session.sessionId, 'Ada')

  await t.test('from the others', async (t) => {
    const host = await first.ws(session.sessionId, await first.hostToken())
    await host.next('session.snapshot')
    board.takeover(ada.playerId, 2)
    await eventually(async () => {
      const stream = await first.ws(session.sessionId, ada.token)
      return (await stream.closed).code === 4505
    })
    const second = await startEdge(t, { beside: first })
    const late = await second.ws(session.sessionId, ada.token)
    t.equal((await late.closed).code, 4505)
  })

  await t.test('from the newer token, when no stream is left', async (t) => {
    const other = await startEdge(t)
    const alone = createTestSession(other.bus)
    createTestBoard(other.bus, alone.sessionId)
    await alone.publish({ case: 'sessionCreated', value: {} })
    const { playerId, token } = await other.player(alone.sessionId, 'Ada')
    const older = await other.ws(alone.sessionId, token)
    await older.next('session.snapshot')
    const phone = await other.ws(
      alone.sessionId,
      await other.playerToken({ sub: playerId, sid: alone.sessionId, gen: 2 }),
    )
    await phone.next('session.snapshot')
    t.equal((await older.closed).code, 4505)
    t.same(older.types().at(-1), 'player.replaced')
  })
})
