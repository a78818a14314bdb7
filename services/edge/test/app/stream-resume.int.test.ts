import t from 'tap'
import { createTestBoard } from '../support/board-player.ts'
import { createTestSession } from '../support/session.ts'
import { startStreamEdge } from '../support/stream-edge.ts'

t.test('a client that comes back', async (t) => {
  const edge = await startStreamEdge(t)
  const other = createTestSession(edge.bus)
  const elsewhere = await other.publish({ case: 'sessionCreated', value: {} })

  const setUp = async () => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    const created = await session.publish({ case: 'sessionCreated', value: {} })
    const ada = await edge.player(session.sessionId, 'Ada')
    board.set({ playerId: ada.playerId, score: 5 })
    const opened = await session.open(0)
    await session.publish({ case: 'playerLeft', value: { playerId: other.sessionId } })
    const closed = await session.close()
    return { session, ada, created, opened, closed }
  }

  const transports = {
    SSE: (sessionId: string, token: string, position: string) =>
      edge.sse(sessionId, token, { 'last-event-id': position }),
    WebSocket: (sessionId: string, token: string, position: string) =>
      edge.ws(sessionId, token, `?lastEventId=${encodeURIComponent(position)}`),
  }

  for (const [name, connect] of Object.entries(transports)) {
    await t.test(`over ${name} gets exactly what it missed, then the board, then what follows`, async (t) => {
      const { session, ada, created, opened, closed } = await setUp()
      const stream = await connect(session.sessionId, ada.token, String(created))
      await stream.next('leaderboard.updated')
      t.same(
        stream.messages.map(({ type, id }) => [type, id]),
        [
          ['stream.resumed', undefined],
          ['question.opened', String(opened)],
          ['question.closed', String(closed)],
          ['leaderboard.updated', undefined],
        ],
      )
      t.match(stream.messages[0], { data: { replayed: 2 } })
      t.match(stream.messages.at(-1), { data: { me: { rank: 1, score: 5 } } })
      const locked = await session.publish({ case: 'sessionLocked', value: {} })
      await stream.next('session.locked', ({ id }) => id === String(locked))
      stream.close()
    })

    await t.test(`over ${name} is told when it missed nothing`, async (t) => {
      const { session, ada, closed } = await setUp()
      const stream = await connect(session.sessionId, ada.token, String(closed))
      t.match(await stream.next('stream.resumed'), { data: { replayed: 0 } })
      t.equal(stream.messages[0]?.type, 'stream.resumed')
      stream.close()
    })

    await t.test(`over ${name} starts from a snapshot where its position says nothing`, async (t) => {
      const { session, ada } = await setUp()
      for (const position of [String(elsewhere), '999999', '0', '-1', '1e3', '9'.repeat(30), 'x']) {
        const stream = await connect(session.sessionId, ada.token, position)
        await stream.next('session.snapshot')
        t.equal(stream.messages[0]?.type, 'session.snapshot', position)
        stream.close()
      }
    })
  }

  await t.test('with more than 300 events to catch up on starts from a snapshot', async (t) => {
    const { session, ada, closed } = await setUp()
    for (let count = 0; count < 301; count++) await session.publish({ case: 'sessionLocked', value: {} })
    const stream = await transports.SSE(session.sessionId, ada.token, String(closed))
    await stream.next('session.snapshot')
    t.equal(stream.messages[0]?.type, 'session.snapshot')
  })

  await t.test('with "resume" as a message gets a fresh snapshot', async (t) => {
    const { session, ada, closed } = await setUp()
    const stream = await transports.WebSocket(session.sessionId, ada.token, '')
    await stream.next('session.snapshot')
    stream.send({ type: 'resume', data: { lastEventId: String(closed) } })
    const position = await session.publish({ case: 'sessionUnlocked', value: {} })
    await stream.next('session.unlocked', ({ id }) => id === String(position))
    await t.resolves(stream.next('session.snapshot', (message) => message !== stream.messages[0]))
  })
})
