import { deepStrictEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Totals } from '../../../game/scoring/totals.ts'
import { type Board, type BoardRow, createBoard } from '../../board/board.ts'

const totals = (playerId: string, fields: Partial<Totals> = {}): Totals => ({
  playerId,
  joinOrder: 1,
  version: 1,
  score: 0,
  correctAnswers: 0,
  correctMs: 0,
  streak: 0,
  answered: new Uint8Array(),
  removed: false,
  ...fields,
})

const bits = (...indexes: number[]): Uint8Array => {
  const bytes = new Uint8Array(2)
  for (const index of indexes) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  return bytes
}

const all = (board: Board): BoardRow[] => board.top(Number.MAX_SAFE_INTEGER)
const ranks = (board: Board): string[] => all(board).map(({ rank, playerId }) => `${rank} ${playerId}`)

t.test('players are ordered by score, then time, then joining, and equal ones share a rank', async (t) => {
  const board = createBoard()
  board.apply([
    totals('late', { score: 500, correctMs: 900, joinOrder: 5 }),
    totals('slow', { score: 500, correctMs: 2_000, joinOrder: 1 }),
    totals('best', { score: 900, correctMs: 3_000, joinOrder: 4 }),
    totals('early', { score: 500, correctMs: 900, joinOrder: 2 }),
    totals('none', { joinOrder: 3 }),
  ])
  t.equal(board.refresh(), true)
  t.same(ranks(board), ['1 best', '2 early', '2 late', '4 slow', '5 none'])
  t.equal(board.size(), 5)
  t.same(
    board.top(2).map(({ playerId }) => playerId),
    ['best', 'early'],
  )
  t.same(board.row('late'), { rank: 2, playerId: 'late', score: 500, correctAnswers: 0 })
  t.same(
    board.around('late', 1).map(({ playerId }) => playerId),
    ['early', 'late', 'slow'],
  )
  t.same(
    board.around('best', 2).map(({ playerId }) => playerId),
    ['best', 'early', 'late'],
  )
  t.same(board.around('unknown', 2), [])
  t.equal(board.row('unknown'), undefined)
})

t.test('a seat follows its player from refresh to refresh, and says when the player is gone', async (t) => {
  const board = createBoard()
  board.apply([totals('a', { score: 10 }), totals('b', { score: 20 })])
  t.equal(board.seat('a'), undefined, 'not shown yet')
  board.refresh()
  const seat = board.seat('a')
  t.match(seat, { rank: 2, score: 10 })
  board.apply([totals('a', { version: 2, score: 30 })])
  t.match(seat, { rank: 2, score: 10 })
  board.refresh()
  t.match(seat, { rank: 1, score: 30 })
  t.equal(board.seat('a'), seat)
  board.replace([totals('b', { score: 20 })])
  t.equal(seat?.isGone, true)
  t.same(ranks(board), ['1 a', '2 b'], 'until the next refresh the board is as it was')
  t.equal(board.seat('a'), undefined)
  board.replace([totals('a', { version: 3, score: 5 })])
  board.refresh()
  t.match(board.seat('a'), { rank: 1, score: 5 })
})

t.test('an older or repeated version changes nothing and costs no sort', async (t) => {
  const board = createBoard()
  board.apply([totals('a', { version: 3, score: 30 }), totals('b', { version: 1, score: 10 })])
  t.equal(board.refresh(), true)
  board.apply([totals('a', { version: 2, score: 20 }), totals('a', { version: 3, score: 99 })])
  t.equal(board.refresh(), false)
  t.equal(board.row('a')?.score, 30)
})

t.test('what is shown changes at a refresh only, rows of one refresh agree with each other', async (t) => {
  const board = createBoard()
  board.apply([totals('a', { score: 30 }), totals('b', { score: 10 })])
  board.refresh()
  board.apply([totals('b', { version: 2, score: 50 }), totals('c', { score: 70 })])
  t.same(ranks(board), ['1 a', '2 b'])
  t.match(board.row('b'), { rank: 2, score: 10 })
  t.equal(board.row('c'), undefined)
  t.equal(board.newest('b')?.score, 50)
  board.refresh()
  t.same(ranks(board), ['1 c', '2 b', '3 a'])
})

t.test('a removed player stays off whatever comes later, also from a snapshot', async (t) => {
  const board = createBoard()
  board.apply([totals('a', { score: 30 }), totals('b', { score: 10 })])
  board.refresh()
  board.apply([totals('a', { version: 1, removed: true })])
  t.equal(board.refresh(), true)
  board.apply([totals('a', { version: 9, score: 90 })])
  board.replace([totals('a', { version: 9, score: 90 }), totals('b', { score: 10 })])
  board.refresh()
  t.same(ranks(board), ['1 b'])
})

t.test(
  'a snapshot is the whole truth: absent players go, older totals come back, a returning player appears once',
  async (t) => {
    const board = createBoard()
    board.apply([
      totals('a', { version: 5, score: 30 }),
      totals('b', { version: 5, score: 50 }),
      totals('c', { score: 1 }),
    ])
    board.refresh()
    board.replace([totals('a', { version: 4, score: 20 }), totals('b', { version: 5, score: 50 })])
    board.replace([
      totals('a', { version: 4, score: 20 }),
      totals('b', { version: 5, score: 50 }),
      totals('c', { score: 2 }),
    ])
    t.equal(board.refresh(), true)
    t.same(ranks(board), ['1 b', '2 a', '3 c'])
    t.equal(board.row('a')?.score, 20)
  },
)

t.test('while a question is hidden its answers do not show, everything else does', async (t) => {
  const board = createBoard()
  board.apply([
    totals('a', { version: 1, score: 100, answered: bits(0) }),
    totals('b', { version: 1, score: 50, answered: bits(0) }),
  ])
  board.refresh(1)
  t.same(ranks(board), ['1 a', '2 b'])

  board.apply([totals('b', { version: 2, score: 950, answered: bits(0, 1) })])
  t.equal(board.refresh(1), false, 'answering shows nothing')
  t.equal(board.countAnswered(1), 1)

  board.apply([totals('new', { version: 0 }), totals('a', { version: 2, score: 120, answered: bits(0, 9) })])
  t.equal(board.refresh(1), true)
  t.same(ranks(board), ['1 a', '2 b', '3 new'])
  t.match(board.row('b'), { score: 50 })
  t.equal(board.isComplete(), true)

  t.equal(board.refresh(), true)
  t.same(ranks(board), ['1 b', '2 a', '3 new'])
})

t.test('a board first seen while a question is hidden knows that it lacks a player, until it is shown', async (t) => {
  const board = createBoard()
  board.replace([totals('a', { score: 900, answered: bits(3) }), totals('b', { score: 10, answered: bits(1) })])
  board.refresh(3)
  t.equal(board.isComplete(), false)
  t.same(ranks(board), ['1 b'])
  board.refresh()
  t.equal(board.isComplete(), true)
  t.same(ranks(board), ['1 a', '2 b'])
})

/** Totals as the scorer makes them: each player's versions hold growing scores. Few values, so that there are many ties. */
const histories = fc.array(
  fc.record({
    joinOrder: fc.nat(3),
    steps: fc.array(fc.record({ points: fc.nat(2), ms: fc.nat(2) }), { maxLength: 4 }),
    removed: fc.boolean(),
  }),
  { maxLength: 12 },
)

const toVersions = (history: readonly { joinOrder: number; steps: readonly { points: number; ms: number }[] }[]) =>
  history.map(({ joinOrder, steps }, player) => {
    const versions = [totals(`p${player}`, { joinOrder, version: 0 })]
    let score = 0
    let correctMs = 0
    for (const [index, { points, ms }] of steps.entries()) {
      score += points
      correctMs += ms
      versions.push(totals(`p${player}`, { joinOrder, version: index + 1, score, correctMs }))
    }
    return versions
  })

/** Ranks by counting who is better: a different way to the same answer. */
const naive = (final: readonly Totals[]): BoardRow[] =>
  final
    .map((each) => ({
      each,
      rank:
        1 +
        final.filter((o) => o.score > each.score || (o.score === each.score && o.correctMs < each.correctMs)).length,
    }))
    .sort(
      (a, b) => a.rank - b.rank || a.each.joinOrder - b.each.joinOrder || (a.each.playerId < b.each.playerId ? -1 : 1),
    )
    .map(({ each, rank }) => ({ rank, playerId: each.playerId, score: each.score, correctAnswers: 0 }))

t.test('any order, repetition and batching of deliveries ends in the same board', async () => {
  fc.assert(
    fc.property(histories, fc.infiniteStream(fc.nat()), (history, random) => {
      const versions = toVersions(history)
      const removals = history.flatMap(({ removed }, player) =>
        removed ? [totals(`p${player}`, { removed: true, version: 0 })] : [],
      )
      const messages = [...versions.flat(), ...removals, ...versions.flat()]
      const shuffled = messages
        .map((message) => ({ message, key: random.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ message }) => message)
      const board = createBoard()
      for (const message of shuffled) {
        board.apply([message])
        if ((random.next().value ?? 0) % 3 === 0) board.refresh()
      }
      board.refresh()
      const final = versions.flatMap((each, player) => (history[player]?.removed ? [] : each.slice(-1)))
      deepStrictEqual(all(board), naive(final))
      deepStrictEqual(board.size(), final.length)
      for (const row of all(board)) {
        deepStrictEqual(board.row(row.playerId), row)
        deepStrictEqual(
          board.rankOf(row.score, final.find((f) => f.playerId === row.playerId)?.correctMs ?? 0),
          row.rank,
        )
        ok(board.around(row.playerId, 2).some(({ playerId }) => playerId === row.playerId))
      }
    }),
    { numRuns: 200 },
  )
})
