import t from 'tap'
import { eventually } from '../../../lib/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { createTestSession } from '../support/session.ts'
import { openStalled } from '../support/stalled-reader.ts'
import { startStreamEdge } from '../support/stream-edge.ts'

/** Events large enough to fill the buffers of the operating system soon. */
const LARGE = 'x'.repeat(50_000)
const EVENTS = 300

t.test('a client that does not read', async (t) => {
  const edge = await startStreamEdge(t)

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
      const close = stalled.received().subarray(-8)
      t.same([...close.subarray(0, 4)], [0x88, 6, 4408 >> 8, 4408 & 255], 'the last thing to read is the close code')
      t.equal(close.subarray(4).toString(), 'slow')
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
      const id = path === 'ws' ? /"id":([0-9]+)/g : /^id:([0-9]+)$/gm
      await eventually(() => stalled.received().includes('"score":3'))
      const text = stalled.received().toString('latin1')
      t.same([...text.matchAll(id)].map((match) => Number(match[1])).slice(-positions.length), positions)
      t.notMatch(text, /"score":[12]}/, 'older boards were left out')
      t.equal(edge.streams.stats().slow, before.slow)
    })
  }
})
