import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

t.test('the board of an edge', async (t) => {
  const edge = await startEdge(t)

  const setUp = async () => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    await session.open(0)
    const ada = await edge.player(session.sessionId, 'Ada')
    const bob = await edge.player(session.sessionId, 'Bob', { ord: 2 })
    board.set({ playerId: ada.playerId }, { playerId: bob.playerId })
    const stream = await edge.ws(session.sessionId, ada.token)
    const other = await edge.sse(session.sessionId, bob.token)
    await stream.next('session.snapshot')
    await other.next('session.snapshot')
    const shows = (scores: number[]) =>
      stream.next('leaderboard.updated', ({ data }) => {
        return JSON.stringify(data.top.map(({ score }: { score: number }) => score)) === JSON.stringify(scores)
      })
    return { session, board, ada, bob, stream, other, shows }
  }

  await t.test('shows changes to all, each with the own rank, with growing versions', async (t) => {
    const { board, ada, bob, stream, other, shows } = await setUp()
    board.set({ playerId: bob.playerId, score: 900, correctAnswers: 1, correctMs: 500 })
    const frame = await shows([900, 0])
    t.match(frame.data, {
      playerCount: 2,
      top: [
        { rank: 1, playerId: bob.playerId, nickname: 'Bob', score: 900, correctAnswers: 1 },
        { rank: 2, playerId: ada.playerId, nickname: 'Ada', score: 0, correctAnswers: 0 },
      ],
      me: { rank: 2, score: 0 },
    })
    t.match((await other.next('leaderboard.updated', ({ data }) => data.version === frame.data.version)).data.me, {
      rank: 1,
      score: 900,
    })
    board.set({ playerId: ada.playerId, score: 950, correctMs: 100 })
    await shows([950, 900])
    const versions = stream.of('leaderboard.updated').map(({ data }) => data.version)
    t.same(
      versions,
      [...new Set(versions)].sort((a, b) => a - b),
    )
  })

  await t.test('is repaired by one snapshot when a delta was lost', async (t) => {
    const { board, ada, bob, shows } = await setUp()
    const before = board.snapshots()
    board.setSilently({ playerId: bob.playerId, score: 100 })
    board.setSilently({ playerId: bob.playerId, score: 300 })
    board.set({ playerId: ada.playerId, score: 200 })
    await shows([300, 200])
    t.equal(board.snapshots(), before + 1)
    board.set({ playerId: ada.playerId, score: 400 })
    await shows([400, 300])
    t.equal(board.snapshots(), before + 1, 'and deltas continue from there')
  })

  await t.test('is repaired when the version is announced after the last delta was lost', async () => {
    const { board, bob, shows } = await setUp()
    board.setSilently({ playerId: bob.playerId, score: 100 })
    board.announce()
    await shows([100, 0])
  })

  await t.test('follows a rebuilt board into its new epoch', async (t) => {
    const { board, bob, shows } = await setUp()
    board.setSilently({ playerId: bob.playerId, score: 100 })
    board.rebuild()
    board.announce()
    const frame = await shows([100, 0])
    t.equal(frame.data.version, 2 * 2 ** 32 + 1)
  })

  await t.test('takes in what came while a snapshot was not to be had', async (t) => {
    const { board, ada, bob, stream, shows } = await setUp()
    board.isServing = false
    board.setSilently({ playerId: bob.playerId, score: 100 })
    for (let score = 1; score <= 20; score++) board.set({ playerId: ada.playerId, score })
    board.isServing = true
    await shows([100, 20])
    t.match(stream.messages.at(-1), { data: { me: { rank: 2, score: 20 } } })
  })

  await t.test('takes a removed player off', async (t) => {
    const { board, ada, bob, shows } = await setUp()
    board.set({ playerId: bob.playerId, score: 100 })
    await shows([100, 0])
    board.set({ playerId: bob.playerId, removed: true })
    const frame = await shows([0])
    t.match(frame.data, { playerCount: 1, top: [{ playerId: ada.playerId, rank: 1 }] })
  })

  await t.test('is taken anew after NATS was unavailable', async (t) => {
    const { board, bob, stream, shows } = await setUp()
    await edge.natsServer.kill()
    await eventually(() => !edge.link.isUp())
    board.setSilently({ playerId: bob.playerId, score: 100 })
    await edge.natsServer.start()
    await eventually(() => edge.link.isUp())
    await shows([100, 0])
    t.equal(stream.of('session.snapshot').length, 1, 'and the client was not disturbed')
  })
})

t.test('GET leaderboard', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  const board = createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const players = await Promise.all(
    Array.from({ length: 8 }, (_, index) => edge.player(session.sessionId, `P${index}`, { ord: index + 1 })),
  )
  board.set(...players.map(({ playerId }, index) => ({ playerId, joinOrder: index + 1, score: 100 - 10 * index })))
  // Their streams teach the edge their names; there is no `session` to ask here.
  for (const { token } of players) await (await edge.ws(session.sessionId, token)).next('session.snapshot')
  const path = `/v1/sessions/${session.sessionId}/leaderboard`
  const fifth = players[4]?.token ?? ''

  await t.test('gives the top, and the own row to a player', async (t) => {
    const { status, body } = await edge.get(`${path}?limit=2`, fifth)
    t.equal(status, 200)
    t.same(body, {
      version: 2 ** 32 + 1,
      playerCount: 8,
      top: [0, 1].map((index) => ({
        rank: index + 1,
        playerId: players[index]?.playerId,
        nickname: `P${index}`,
        score: 100 - 10 * index,
        correctAnswers: 0,
      })),
      me: { rank: 5, playerId: players[4]?.playerId, nickname: 'P4', score: 60, correctAnswers: 0 },
    })
  })

  await t.test('gives the two above and the two below on request', async (t) => {
    const { body } = await edge.get(`${path}?around=me`, fifth)
    t.same(
      (body.around as { rank: number }[]).map(({ rank }) => rank),
      [3, 4, 5, 6, 7],
    )
    const first = await edge.get(`${path}?around=me`, players[0]?.token ?? '')
    t.same(
      (first.body.around as { rank: number }[]).map(({ rank }) => rank),
      [1, 2, 3],
    )
  })

  await t.test('gives a host no own row', async (t) => {
    const { body } = await edge.get(`${path}?around=me`, await edge.hostToken())
    t.same(Object.keys(body).sort(), ['playerCount', 'top', 'version'])
  })

  await t.test('refuses limits outside 1 to 100 and other surroundings', async (t) => {
    for (const query of ['limit=0', 'limit=101', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=', 'around=you']) {
      t.match(await edge.get(`${path}?${query}`, fifth), { status: 400, body: { code: 'malformed' } }, query)
    }
    t.equal((await edge.get(`${path}?limit=100`, fifth)).status, 200)
  })

  await t.test('GET session shows a player the same standing', async (t) => {
    const { body } = await edge.get(`/v1/sessions/${session.sessionId}`, fifth)
    t.match(body.me, { playerId: players[4]?.playerId, nickname: 'P4', score: 60, rank: 5, answered: [] })
  })

  await t.test('is unavailable where there is no board', async (t) => {
    const lonely = createTestSession(edge.bus)
    await lonely.publish({ case: 'sessionCreated', value: {} })
    const token = await edge.hostToken()
    t.match(await edge.get(`/v1/sessions/${lonely.sessionId}/leaderboard`, token), {
      status: 503,
      body: { code: 'unavailable' },
    })
  })
})
