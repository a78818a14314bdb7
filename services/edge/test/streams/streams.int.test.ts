import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { serveRoster, startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'
import type { StreamMessage } from '../support/stream-readers.ts'

const withIds = (messages: readonly StreamMessage[]) => messages.filter(({ id }) => id !== undefined)

t.test('streams of one session', async (t) => {
  const edge = await startEdge(t, { limits: { heartbeatMs: 500 } })

  await t.test('a snapshot comes first, then every event in order, the same over SSE and WebSocket', async (t) => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    const created = await session.publish({ case: 'sessionCreated', value: {} })
    const ada = await edge.player(session.sessionId, 'Ada "the first"')
    board.set({ playerId: ada.playerId })

    const sse = await edge.sse(session.sessionId, ada.token)
    const ws = await edge.ws(session.sessionId, ada.token)
    const host = await edge.ws(session.sessionId, await edge.hostToken())
    const all = [sse, ws, host]
    for (const stream of all) await stream.next('session.snapshot')

    t.match(sse.messages[0], {
      type: 'session.snapshot',
      id: String(created),
      data: {
        sessionId: session.sessionId,
        status: 'lobby',
        leaderboard: { version: 2 ** 32 + 1, playerCount: 1, top: [{ rank: 1, playerId: ada.playerId, score: 0 }] },
        me: { playerId: ada.playerId, nickname: 'Ada "the first"', score: 0, rank: 1, answered: [] },
        now: Number,
      },
    })
    t.equal(host.messages[0]?.data.me, undefined)

    const positions = [
      await session.publish({ case: 'sessionStarting', value: { startsAtMs: 123 } }, { status: 'starting' }),
      await session.open(0),
      await session.publish({ case: 'sessionPaused', value: { reason: 'host' } }, { status: 'paused' }),
      await session.publish({ case: 'sessionResumed', value: { reason: 'host' } }, { status: 'question_open' }),
      await session.publish({ case: 'sessionLocked', value: {} }),
      await session.publish({ case: 'sessionUnlocked', value: {} }),
    ]
    for (const stream of all) {
      await stream.next('session.unlocked')
      t.notMatch(stream.raw(), /"correct"/, 'no key before the question closes')
    }
    positions.push(await session.close())
    positions.push(await session.publish({ case: 'sessionFinished', value: {} }, { status: 'finished' }))

    for (const stream of all) {
      await stream.next('session.finished')
      t.same(
        withIds(stream.messages).map(({ type, id }) => [type, id]),
        [
          ['session.snapshot', String(created)],
          ['session.starting', String(positions[0])],
          ['question.opened', String(positions[1])],
          ['session.paused', String(positions[2])],
          ['session.resumed', String(positions[3])],
          ['session.locked', String(positions[4])],
          ['session.unlocked', String(positions[5])],
          ['question.closed', String(positions[6])],
          ['session.finished', String(positions[7])],
        ],
      )
    }
    t.same(withIds(sse.messages).slice(1), withIds(ws.messages).slice(1))
    t.match(sse.messages.at(-1), { data: { playerCount: 1, me: { rank: 1, score: 0 } } })
    t.notOk('me' in (host.messages.at(-1)?.data ?? {}))
  })

  await t.test('the head of an SSE response forbids caching and proxy buffering', async (t) => {
    const session = createTestSession(edge.bus)
    createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    const stream = await edge.sse(session.sessionId, await edge.hostToken())
    const { headers } = stream as unknown as { headers: Headers }
    t.equal(headers.get('content-type'), 'text/event-stream')
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('x-accel-buffering'), 'no')
    await stream.next('session.snapshot')
  })

  await t.test(
    'over SSE no empty line follows a comment or a retry, so that no parser makes a message of it',
    async (t) => {
      const session = createTestSession(edge.bus)
      createTestBoard(edge.bus, session.sessionId)
      await session.publish({ case: 'sessionCreated', value: {} })
      const abort = new AbortController()
      const headers = { authorization: `Bearer ${await edge.hostToken()}` }
      const path = `/v1/sessions/${session.sessionId}/events`
      const { body } = await fetch(`${edge.url}${path}`, { headers, signal: abort.signal })
      let text = ''
      for await (const chunk of body ?? []) {
        text += Buffer.from(chunk).toString()
        if (text.includes('session.snapshot') && /^:$/m.test(text)) break
      }
      abort.abort()
      t.match(text, /^retry:\d+\n/)
      t.notMatch(text, /^(:|retry:\d+)\n\n/m)
    },
  )

  await t.test('only the host and players of the session get a stream', async (t) => {
    const session = createTestSession(edge.bus)
    await session.publish({ case: 'sessionCreated', value: {} })
    const other = await edge.player('018f4e3a-0000-7000-8000-000000000000', 'Eve')
    const path = `/v1/sessions/${session.sessionId}/events`
    t.match(await edge.get(path, other.token), { status: 404, body: { code: 'not-found' } })
    t.match(await edge.get(path, await edge.hostToken('another host')), { status: 404, body: { code: 'not-found' } })
    t.match(await edge.get(path, 'no-token'), { status: 401, body: { code: 'unauthorized' } })
    for (const token of [other.token, 'no-token']) await t.rejects(edge.ws(session.sessionId, token))
    const upgrade = await fetch(`${edge.url}/v1/sessions/${session.sessionId}/ws`)
    t.equal(upgrade.status, 400)
  })

  await t.test('without a leaderboard service a stream starts all the same, and gets the board later', async (t) => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    board.isServing = false
    await session.publish({ case: 'sessionCreated', value: {} })
    const ada = await edge.player(session.sessionId, 'Ada')
    board.set({ playerId: ada.playerId, score: 7 })
    const ws = await edge.ws(session.sessionId, ada.token)
    const snapshot = await ws.next('session.snapshot')
    t.match(snapshot.data, { leaderboard: { version: 0, top: [] }, me: { playerId: ada.playerId, answered: [] } })
    t.notOk('rank' in snapshot.data.me)
    board.isServing = true
    t.match(await ws.next('leaderboard.updated'), { data: { top: [{ score: 7 }], me: { rank: 1, score: 7 } } })
  })

  await t.test('a stream that ends is forgotten', async (t) => {
    const session = createTestSession(edge.bus)
    createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    const before = edge.streams.stats().streams
    const token = await edge.hostToken()
    const streams = [await edge.sse(session.sessionId, token), await edge.ws(session.sessionId, token)]
    t.equal(edge.streams.stats().streams, before + 2)
    for (const stream of streams) stream.close()
    await eventually(() => edge.streams.stats().streams === before)
  })
})

t.test('an unknown name is asked for once, and no frame goes out without it', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  const board = createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  await session.open(0)
  const players = await Promise.all(['Ada', 'Bob', 'Cleo'].map((name) => edge.player(session.sessionId, name)))
  const roster = serveRoster(edge, players)
  const host = await edge.sse(session.sessionId, await edge.hostToken())
  await host.next('session.snapshot')
  for (const [index, { playerId }] of players.entries()) board.set({ playerId, score: (index + 1) * 100 })
  const frame = await host.next('leaderboard.updated', ({ data }) => data.top.length === 3)
  t.same(
    frame.data.top.map(({ nickname, rank }: { nickname: string; rank: number }) => [rank, nickname]),
    [
      [1, 'Cleo'],
      [2, 'Bob'],
      [3, 'Ada'],
    ],
  )
  for (const { data } of host.of('leaderboard.updated')) {
    for (const { nickname } of data.top) t.not(nickname, '')
  }
  t.equal(roster.calls.length, 1)
})
