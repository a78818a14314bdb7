import fc from 'fast-check'
import t from 'tap'
import { isNewer, newestOf } from '../standing.ts'
import { toStanding } from '../totals.ts'
import { standingOf } from './support/standings.ts'

t.test(
  'the higher version is newer, a removal is newer than everything, nothing is newer than a removal',
  async (t) => {
    const [first, second] = [standingOf({ version: 1 }), standingOf({ version: 2 })]
    const removal = standingOf({ version: 0, removed: true })
    t.equal(isNewer(second, first), true)
    t.equal(isNewer(first, second), false)
    t.equal(isNewer(first, first), false)
    t.equal(isNewer(removal, second), true)
    t.equal(isNewer(second, removal), false)
    t.equal(isNewer(removal, removal), false)
  },
)

t.test('the newest standing of each player is the same in whatever order they come', async () => {
  const history = ['a', 'b', 'c'].flatMap((playerId, index) =>
    [0, 1, 2, 3].map((version) => standingOf({ playerId, version, score: version * 100, joinOrder: index })),
  )
  const removal = standingOf({ playerId: 'b', version: 1, removed: true })
  fc.assert(
    fc.property(fc.shuffledSubarray([...history, removal, ...history], { minLength: 25 }), (order) => {
      const newest = newestOf(order).toSorted((x, y) => x.joinOrder - y.joinOrder)
      return (
        newest.length === 3 &&
        newest.every(({ version, removed, playerId }) => (playerId === 'b' ? removed : version === 3))
      )
    }),
  )
})

t.test('totals of the ledger become the standing that was published for them', async (t) => {
  const identity = { playerId: 'a', joinOrder: 7, removed: false }
  const totals = {
    version: 5,
    points: 4_000,
    correctAnswers: 4,
    correctMs: 8_000,
    answered: '1111010000',
    correct: '1101010000',
    streakBonus: true,
  }
  t.match(toStanding({ ...identity, totals }), {
    ...identity,
    version: 5,
    score: 4_050,
    correctAnswers: 4,
    correctMs: 8_000,
    streak: 1,
    answered: Uint8Array.of(0b00101111),
  })
  t.match(toStanding({ ...identity, totals: { ...totals, streakBonus: false } }), { score: 4_000 })
  t.match(toStanding({ ...identity, totals: undefined }), { ...identity, version: 0, score: 0, streak: 0 })
})
