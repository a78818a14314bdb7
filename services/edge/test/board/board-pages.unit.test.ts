import { fromBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { BoardSnapshotResponseSchema } from '#gen/board_pb'
import { newId } from '#platform/ids'
import type { Totals } from '../../../game/scoring/totals.ts'
import { encodeSnapshot, PAGE_BYTES } from '../../../leaderboard/board-messages.ts'
import { totalsWith } from '../../../leaderboard/test/support/totals.ts'
import { readPages } from '../../board/board-source.ts'

const sessionId = newId()

const boardOf = (count: number, answeredBytes = 1) => ({
  epoch: 1,
  version: 1,
  totals: Array.from({ length: count }, (_, index) =>
    totalsWith({ joinOrder: index + 1, answered: new Uint8Array(answeredBytes).fill(255) }),
  ),
})

/** Reads a board as an edge does; `change` gives the board as it is from then on, after the page of that number. */
const readInPages = async (
  board: ReturnType<typeof boardOf>,
  pageBytes: number,
  change: (page: number, board: ReturnType<typeof boardOf>) => ReturnType<typeof boardOf> = (_, same) => same,
) => {
  const sizes: number[] = []
  let now = board
  const snapshot = await readPages(async (afterPlayerId) => {
    const reply = encodeSnapshot({ sessionId, afterPlayerId }, now, pageBytes)
    sizes.push(reply.length)
    now = change(sizes.length, now)
    return fromBinary(BoardSnapshotResponseSchema, reply)
  })
  return { snapshot, sizes }
}

const byId = (entries: readonly Totals[]) =>
  new Map(entries.map(({ answered, ...rest }) => [rest.playerId, { ...rest, answered: [...answered] }]))

t.test('a board comes whole in several pages', async (t) => {
  const board = boardOf(1_000)
  const { snapshot, sizes } = await readInPages(board, 10_000)
  t.ok(sizes.length > 5, `${sizes.length} pages`)
  t.match(snapshot, { epoch: 1, version: 1, entries: { length: 1_000 } })
  t.same(byId(snapshot.entries), byId(board.totals))
})

t.test('a change between two pages leaves the version of the first, from which deltas continue', async (t) => {
  const board = boardOf(1_000)
  const changed = board.totals.map((totals) => ({ ...totals, version: 2, score: 2_000 }))
  const { snapshot, sizes } = await readInPages(board, 10_000, (page, now) =>
    page === 1 ? { ...now, version: 2, totals: changed } : now,
  )
  t.ok(sizes.length > 5)
  t.match(snapshot, { epoch: 1, version: 1, entries: { length: 1_000 } })
  const entries = byId(snapshot.entries)
  t.equal(entries.size, 1_000, 'each player once')
  const newer = [...entries.values()].filter(({ version }) => version === 2)
  t.ok(newer.length > 0 && newer.length < 1_000, `${newer.length} players are ahead of it`)
})

t.test('a rebuild between two pages begins again, and again and again is no board', async (t) => {
  const rebuilt = { ...boardOf(1_000), epoch: 2 }
  const { snapshot } = await readInPages(boardOf(1_000), 10_000, (page, now) => (page === 1 ? rebuilt : now))
  t.match(snapshot, { epoch: 2, version: 1 })
  t.same(byId(snapshot.entries), byId(rebuilt.totals))
  await t.rejects(readInPages(boardOf(1_000), 10_000, (_, now) => ({ ...now, epoch: now.epoch + 1 })))
})

t.test('pages of 100,000 players and 200 questions fit, also with the largest numbers', async (t) => {
  const { totals, ...at } = boardOf(100_000, 25)
  const most = 2 ** 32 - 1
  const largest = totals.map((each) => ({
    ...each,
    joinOrder: most,
    version: most,
    score: most,
    correctAnswers: most,
    correctMs: most,
    streak: most,
  }))
  const { snapshot, sizes } = await readInPages({ ...at, totals: largest }, PAGE_BYTES)
  t.ok(Math.max(...sizes) <= PAGE_BYTES, `${sizes.join(', ')} bytes`)
  t.equal(byId(snapshot.entries).size, 100_000)
})

t.test('a request that names no page gets the whole board, as edges of the version before expect', (t) => {
  const reply = encodeSnapshot({ sessionId }, boardOf(1_000), 10_000)
  t.match(fromBinary(BoardSnapshotResponseSchema, reply), { hasMore: false, entries: { length: 1_000 } })
  t.end()
})
