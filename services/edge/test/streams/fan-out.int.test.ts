import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

const AUDIENCE = 1_000

/** So many at a time, so that the process, which is client and edge, is never so late that the edge refuses more. */
const AT_ONCE = 25

const openAll = async <T>(opens: readonly (() => Promise<T>)[]): Promise<T[]> => {
  const opened: T[] = []
  for (let at = 0; at < opens.length; at += AT_ONCE) {
    opened.push(...(await Promise.all(opens.slice(at, at + AT_ONCE).map((open) => open()))))
  }
  return opened
}

t.test('a change of the board reaches 1,000 players, each with the own rank, from one encoding', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  const board = createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  await session.open(0)
  const players = await Promise.all(
    Array.from({ length: AUDIENCE }, (_, index) => edge.player(session.sessionId, `P${index}`, { ord: index + 1 })),
  )
  board.set(...players.map(({ playerId }, index) => ({ playerId, joinOrder: index + 1 })))
  const streams = await openAll(
    players.map(
      ({ token }) =>
        () =>
          edge.ws(session.sessionId, token),
    ),
  )
  for (const stream of streams) await stream.next('session.snapshot')
  t.equal(edge.streams.stats().streams, AUDIENCE)
  // Those who connected while the board was loading get it in a frame of its own: it has gone out when no more do.
  let delivered = -1
  await eventually(
    () => {
      const { deliveries } = edge.streams.stats()
      const isQuiet = deliveries === delivered
      delivered = deliveries
      return isQuiet
    },
    { intervalMs: 700, timeoutMs: 20_000 },
  )

  const received = () => streams.map((stream) => stream.of('leaderboard.updated').length)
  const before = edge.streams.stats()
  const framesBefore = received()
  board.set(...players.map(({ playerId }, index) => ({ playerId, score: 10 * (index + 1) })))
  await Promise.all(
    streams.map(async (stream, index) => {
      const frame = await stream.next('leaderboard.updated', ({ data }) => data.top[0].score === 10 * AUDIENCE)
      t.same(frame.data.me, { rank: AUDIENCE - index, score: 10 * (index + 1) })
      t.equal(frame.data.top.length, 10)
    }),
  )
  const after = edge.streams.stats()
  t.equal(after.ticks - before.ticks, 1, 'one tick')
  t.equal(after.encodings.ws - before.encodings.ws, 1, 'one encoding')
  t.equal(after.encodings.sse, 0)
  t.equal(after.deliveries - before.deliveries, AUDIENCE, 'one delivery each')
  t.same(
    received(),
    framesBefore.map((count) => count + 1),
  )

  await t.test('and twenty changes within a tick cost one delivery', async (t) => {
    const { deliveries } = edge.streams.stats()
    for (let score = 1; score <= 20; score++) {
      board.set({ playerId: players[0]?.playerId ?? '', score: 100_000 + score })
    }
    const [last] = streams.slice(-1)
    await last?.next('leaderboard.updated', ({ data }) => data.top[0].score === 100_020)
    await eventually(() => edge.streams.stats().deliveries >= deliveries + AUDIENCE)
    const ticks = (edge.streams.stats().deliveries - deliveries) / AUDIENCE
    t.ok(ticks <= 2, `${ticks} deliveries each`)
  })
})
