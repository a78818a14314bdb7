import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

t.test('a client that comes back', async (t) => {
  const edge = await startEdge(t)
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
    WebSocket: async (sessionId: string, token: string, position: string) => {
      const stream = await edge.ws(sessionId, token)
      stream.send({ type: 'resume', data: { lastEventId: position } })
      return stream
    },
  }

  for (const [name, connect] of Object.entries(transports)) {
    await t.test(`over ${name} gets exactly what it missed, then the board, then what follows`, async (t) => {
      const { session, ada, created, opened, closed } = await setUp()
      const stream = await connect(session.sessionId, ada.token, String(created))
      await stream.next('leaderboard.updated')
      const told = stream.messages.map(({ type, id }) => [type, id])
      t.same(told.slice(0, 4), [
        ['stream.resumed', undefined],
        ['question.opened', String(opened)],
        ['question.closed', String(closed)],
        ['leaderboard.updated', undefined],
      ])
      // A tick of the board that was on its way may follow.
      t.ok(told.slice(4).every(([type]) => type === 'leaderboard.updated'))
      t.match(stream.messages[0], { data: { replayed: 2 } })
      t.match(stream.messages.at(-1), { data: { me: { rank: 1, score: 5 } } })
      const locked = await session.publish({ case: 'sessionLocked', value: {} })
      await stream.next('session.locked', ({ id }) => id === String(locked))
      stream.close()
    })

    await t.test(`over ${name} is informed that it missed nothing`, async (t) => {
      const { session, ada, closed } = await setUp()
      const stream = await connect(session.sessionId, ada.token, String(closed))
      t.match(await stream.next('stream.resumed'), { data: { replayed: 0 } })
      t.equal(stream.messages[0]?.type, 'stream.resumed')
      stream.close()
    })

    await t.test(`over ${name} starts from a snapshot where its position says nothing`, async (t) => {
      const { session, ada } = await setUp()
      for (const position of [
        String(elsewhere),
        '999999',
        '0',
        '-1',
        '1e3',
        '9223372036854775808',
        '9'.repeat(3_000),
        'x',
      ]) {
        const stream = await connect(session.sessionId, ada.token, position)
        await stream.next('session.snapshot')
        t.equal(stream.messages[0]?.type, 'session.snapshot', position)
        stream.close()
      }
    })
  }

  await t.test('gets 203 events over 100 questions, whatever else was in the feed', async (t) => {
    const { session, ada, closed } = await setUp()
    for (let count = 0; count < 100; count++) {
      await session.open(0)
      await session.publish({ case: 'questionClosing', value: {} })
      await session.publish({ case: 'playerLeft', value: { playerId: other.sessionId } })
      await session.close()
    }
    for (const event of ['sessionLocked', 'sessionUnlocked', 'sessionLocked'] as const) {
      await session.publish({ case: event, value: {} })
    }
    const stream = await transports.SSE(session.sessionId, ada.token, String(closed))
    t.match(await stream.next('stream.resumed'), { data: { replayed: 203 } })
    await eventually(() => stream.messages.filter(({ id }) => id !== undefined).length === 203)
  })

  await t.test('with more than 300 events to catch up on starts from a snapshot', async (t) => {
    const { session, ada, closed } = await setUp()
    for (let count = 0; count < 301; count++) await session.publish({ case: 'sessionLocked', value: {} })
    const stream = await transports.SSE(session.sessionId, ada.token, String(closed))
    await stream.next('session.snapshot')
    t.equal(stream.messages[0]?.type, 'session.snapshot')
  })

  await t.test(
    'with a position that is larger than a request may be is refused, and no other client is disturbed',
    async (t) => {
      const { session, ada } = await setUp()
      await t.rejects(transports.SSE(session.sessionId, ada.token, '9'.repeat(10_000)), /431/)
      const stream = await transports.WebSocket(session.sessionId, ada.token, '9'.repeat(10_000))
      t.equal((await stream.closed).code, 1006)
    },
  )

  await t.test('of a feed that grows meanwhile gets every event once and in order', async (t) => {
    const { session, ada, created } = await setUp()
    const positions: number[] = []
    const streams = []
    for (let round = 0; round < 10; round++) {
      const connect = round % 2 === 0 ? transports.SSE : transports.WebSocket
      const opening = connect(session.sessionId, ada.token, String(created))
      for (let count = 0; count < 3; count++) {
        positions.push(await session.publish({ case: 'sessionLocked', value: {} }))
      }
      const stream = await opening
      await stream.next('session.locked', ({ id }) => id === String(positions.at(-1)))
      t.equal(stream.messages[0]?.type, 'stream.resumed')
      const ids = stream.of('session.locked').map(({ id }) => Number(id))
      t.same(ids, positions, `round ${round}`)
      stream.close()
      streams.push(stream)
    }
  })

  await t.test(
    'to an edge that has never seen the session, with many others, gets exactly what it missed',
    async (t) => {
      const { session, ada, created } = await setUp()
      // A second edge that has never seen the session: what it tells comes from the stream.
      const second = await startEdge(t, { beside: edge })
      const streams = await Promise.all(
        Array.from({ length: 50 }, () =>
          second.sse(session.sessionId, ada.token, { 'last-event-id': String(created) }),
        ),
      )
      for (const stream of streams.slice(-4)) {
        await stream.next('question.closed')
        t.same(stream.types().slice(0, 3), ['stream.resumed', 'question.opened', 'question.closed'])
      }
    },
  )

  await t.test('after the end gets the podium again', async (t) => {
    const { session, ada, closed } = await setUp()
    const finished = await session.publish({ case: 'sessionFinished', value: {} }, { status: 'finished' })
    for (const connect of Object.values(transports)) {
      const stream = await connect(session.sessionId, ada.token, String(closed))
      t.match(await stream.next('session.finished'), {
        id: String(finished),
        data: { playerCount: 1, top: [{ score: 5 }], me: { rank: 1, score: 5 } },
      })
      stream.close()
    }
  })
})

t.test('the first message of a WebSocket', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  createTestBoard(edge.bus, session.sessionId)
  const created = await session.publish({ case: 'sessionCreated', value: {} })
  const token = await edge.hostToken()

  await t.test('is waited for, but not for long', async (t) => {
    const stream = await edge.ws(session.sessionId, token)
    const began = performance.now()
    await stream.next('session.snapshot')
    const waited = performance.now() - began
    t.ok(waited > 150 && waited < 2_000, `${waited} ms`)
  })

  await t.test('brings the snapshot at once when it is no resume, then its reply', async (t) => {
    const stream = await edge.ws(session.sessionId, token)
    stream.send({ type: 'time', ref: 1 })
    await stream.next('time')
    t.same(stream.types(), ['session.snapshot', 'time'])
    const bad = await edge.ws(session.sessionId, token)
    bad.send('{')
    await bad.next('error')
    t.same(bad.types(), ['session.snapshot', 'error'])
  })

  await t.test('may be a resume that says nothing useful', async (t) => {
    const useless = [undefined, null, 'x', 7, [], {}, { lastEventId: null }, { lastEventId: `${created}\n` }]
    for (const data of [...useless, { lastEventId: '9223372036854775808' }, { lastEventId: 'x'.repeat(3_000) }]) {
      const stream = await edge.ws(session.sessionId, token)
      stream.send({ type: 'resume', data })
      await stream.next('session.snapshot')
      t.same(stream.types(), ['session.snapshot'], JSON.stringify(data)?.slice(0, 60))
      stream.close()
    }
  })

  await t.test('may name its position as a number', async (t) => {
    const stream = await edge.ws(session.sessionId, token)
    stream.send({ type: 'resume', data: { lastEventId: created } })
    t.match(await stream.next('stream.resumed'), { data: { replayed: 0 } })
  })

  await t.test('followed by a resume brings another snapshot, and nothing is lost', async (t) => {
    const stream = await edge.ws(session.sessionId, token)
    stream.send({ type: 'time', ref: 1 })
    stream.send({ type: 'resume', data: { lastEventId: String(created) } })
    const position = await session.publish({ case: 'sessionUnlocked', value: {} })
    await eventually(() => stream.of('session.snapshot').length === 2)
    await stream
      .next('session.unlocked', ({ id }) => id === String(position))
      .catch(() => {
        t.equal(stream.of('session.snapshot')[1]?.id, String(position), 'the second snapshot holds it')
      })
  })
})
