import fc from 'fast-check'
import t from 'tap'
import {
  compareTotals,
  joinOrderOf,
  memberOf,
  packScore,
  playerIdOf,
  ranked,
  unpackScore,
} from '../../scoring/board-order.ts'

const ID = '0199c1d2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'
const player = (score: number, correctMs: number, joinOrder: number) => ({
  score,
  correctMs,
  joinOrder,
  playerId: ID,
})

/** Few different values, so that most players are tied with another one. */
const tiedPlayers = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 1_000, 2 ** 26 - 1), fc.constantFrom(0, 1, 5_000, 2 ** 27 - 1)), {
    maxLength: 40,
  })
  .chain((values) =>
    fc
      .shuffledSubarray([...values.keys()], { minLength: values.length })
      .map((joinOrders) => values.map(([score, ms], index) => player(score, ms, (joinOrders[index] ?? 0) + 1))),
  )

t.test('score first, then the shorter time, then who joined first; ties share a rank', async (t) => {
  const rows = ranked([
    player(1_000, 9_000, 1),
    player(2_000, 500, 4),
    player(1_000, 9_000, 3),
    player(1_000, 8_000, 2),
    player(0, 0, 5),
  ])
  t.same(
    rows.map(({ rank, joinOrder }) => [rank, joinOrder]),
    [
      [1, 4],
      [2, 2],
      [3, 1],
      [3, 3],
      [5, 5],
    ],
  )
})

t.test('packed scores and members, read from the highest down, are in the order of the board', async () => {
  fc.assert(
    fc.property(tiedPlayers, (players) => {
      const expected = [...players].sort(compareTotals)
      const entries = players.map((each) => ({
        each,
        packed: packScore(each.score, each.correctMs),
        member: memberOf(each.joinOrder, ID),
      }))
      // As ZREVRANGE does: greater score first, among equals the greater member.
      entries.sort((a, b) => b.packed - a.packed || (a.member < b.member ? 1 : -1))
      return entries.every(({ each }, index) => each === expected[index])
    }),
  )
})

t.test('a packed score is a whole number that a double holds, and can be unpacked', async () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 26 - 1 }), fc.nat({ max: 2 ** 27 - 1 }), (score, correctMs) => {
      const packed = packScore(score, correctMs)
      const back = unpackScore(packed)
      return Number.isSafeInteger(packed) && back.score === score && back.correctMs === correctMs
    }),
  )
})

t.test('values beyond the range count as the largest', async (t) => {
  t.equal(packScore(2 ** 26, 0), packScore(2 ** 26 - 1, 0))
  t.equal(packScore(5, 2 ** 28), packScore(5, 2 ** 27 - 1))
})

t.test('a member tells order of joining and player', async (t) => {
  for (const joinOrder of [0, 1, 4_711, 2 ** 24 - 1]) {
    t.equal(joinOrderOf(memberOf(joinOrder, ID)), joinOrder)
    t.equal(playerIdOf(memberOf(joinOrder, ID)), ID)
  }
})

t.test('ranks are one more than the number of players who are better', async () => {
  fc.assert(
    fc.property(tiedPlayers, (players) =>
      ranked(players).every(({ rank, score, correctMs }) => {
        const better = players.filter(
          (other) => other.score > score || (other.score === score && other.correctMs < correctMs),
        )
        return rank === better.length + 1
      }),
    ),
  )
})
