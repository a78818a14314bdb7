import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'
import { closeCodeIn, openStalled, positionsIn } from '../support/stalled-reader.ts'

/** Events large enough to fill the buffers of the operating system soon. */
const LARGE = 'x'.repeat(50_000)
const EVENTS = 300

t.test('a client that does not read', async (t) => {
  const edge = await startEdge(t)

  for (const path of ['ws', 'events']) {
    await t.test(`over /${path} is closed alone, and the others get everything`, async (t) => {
      const session = createTestSession(edge.bus)
      createTestBoard(edge.bus, session.sessionId)
      await session.publish({ case: 'sessionCreated', value: {} })
      const token = await edge.hostToken()
      const slowBefore = edge.streams.stats().slow
      const stalled = await openStalled(edge.url, `/v1/sessions/${session.sessionId}/${path}`, token)
      t.teardown(stalled.close)
      const others = [await edge.ws(session.sessionId, token), await edge.sse(session.sessionId, token)]
      for (const stream of others) await stream.next('session.snapshot')
      const streams = edge.streams.stats().streams

      const positions: string[] = []
      for (let count = 0; count < EVENTS; count++) {
        const question = { questionId: session.questionIds[0] ?? '', prompt: LARGE, count }
        const position = await session.publish({ case: 'questionOpened', value: {} }, { question })
        positions.push(String(position))
      }
      for (const stream of others) {
        await stream.next('question.opened', ({ id }) => id === positions.at(-1))
        t.same(
          stream.of('question.opened').map(({ id }) => id),
          positions,
        )
      }
      await eventually(() => edge.streams.stats().slow === slowBefore + 1, { what: 'the stalled client is closed' })
      t.equal(edge.streams.stats().streams, streams - 1)
      if (path !== 'ws') return
      stalled.resume()
      await stalled.closed
      t.equal(closeCodeIn(stalled.received()), 4408, 'the last thing to read is the close code')
      t.equal(stalled.received().subarray(-4).toString(), 'slow')
    })
  }

  for (const path of ['ws', 'events']) {
    await t.test(`over /${path} for a while only gets every event, and of the boards the newest`, async (t) => {
      const session = createTestSession(edge.bus)
      const board = createTestBoard(edge.bus, session.sessionId)
      await session.publish({ case: 'sessionCreated', value: {} })
      const ada = await edge.player(session.sessionId, 'Ada')
      board.set({ playerId: ada.playerId })
      const stalled = await openStalled(edge.url, `/v1/sessions/${session.sessionId}/${path}`, ada.token)
      t.teardown(stalled.close)
      const other = await edge.ws(session.sessionId, ada.token)
      await other.next('session.snapshot')
      const before = edge.streams.stats()

      const positions: number[] = []
      while (edge.streams.stats().stalls === before.stalls && positions.length < EVENTS) {
        const question = { questionId: session.questionIds[0] ?? '', prompt: LARGE }
        positions.push(
          await session.publish({ case: 'questionOpened', value: {} }, { status: 'question_open', question }),
        )
        await other.next('question.opened', ({ id }) => id === String(positions.at(-1)))
      }
      positions.push(await session.publish({ case: 'sessionLocked', value: {} }))
      for (let score = 1; score <= 3; score++) {
        board.set({ playerId: ada.playerId, score })
        await other.next('leaderboard.updated', ({ data }) => data.top[0].score === score)
      }
      positions.push(await session.publish({ case: 'sessionUnlocked', value: {} }))
      await other.next('session.unlocked')
      t.equal(edge.streams.stats().conflated, before.conflated + 2)

      stalled.resume()
      await eventually(() => stalled.received().includes('"score":3'))
      const text = stalled.received().toString('latin1')
      const seen = positionsIn(stalled.received(), path === 'ws' ? 'ws' : 'sse')
      t.same(seen.slice(-positions.length), positions)
      t.notMatch(text, /"score":[12]}/, 'older boards were left out')
      t.equal(edge.streams.stats().slow, before.slow)
    })
  }

  for (const path of ['ws', 'events']) {
    await t.test(`over /${path} and was closed comes back, and has missed nothing`, async (t) => {
      const session = createTestSession(edge.bus)
      createTestBoard(edge.bus, session.sessionId)
      await session.publish({ case: 'sessionCreated', value: {} })
      const token = await edge.hostToken()
      const { slow } = edge.streams.stats()
      const stalled = await openStalled(edge.url, `/v1/sessions/${session.sessionId}/${path}`, token)
      t.teardown(stalled.close)
      const other = await edge.ws(session.sessionId, token)
      await other.next('session.snapshot')

      const positions: number[] = []
      const question = { questionId: session.questionIds[0] ?? '', prompt: LARGE }
      while (edge.streams.stats().slow === slow && positions.length < EVENTS) {
        positions.push(await session.publish({ case: 'questionOpened', value: {} }, { question }))
        await other.next('question.opened', ({ id }) => id === String(positions.at(-1)))
      }
      for (let count = 0; count < 20; count++) {
        positions.push(await session.publish({ case: 'sessionLocked', value: {} }))
      }
      stalled.resume()
      await stalled.closed
      const seen = positionsIn(stalled.received(), path === 'ws' ? 'ws' : 'sse').filter((id) => positions.includes(id))
      t.ok(seen.length > 0 && seen.length < positions.length)

      const position = String(seen.at(-1))
      const back =
        path === 'ws'
          ? await edge.ws(session.sessionId, token)
          : await edge.sse(session.sessionId, token, { 'last-event-id': position })
      if (path === 'ws') back.send({ type: 'resume', data: { lastEventId: position } })
      const { data } = await back.next('stream.resumed')
      await back.next('session.locked', ({ id }) => id === String(positions.at(-1)))
      const replayed = back.messages.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]))
      t.equal(data.replayed, replayed.length)
      t.same([...seen, ...replayed], positions, 'every event, once and in order')
    })
  }
})
