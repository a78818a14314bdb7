import fc from 'fast-check'
import t from 'tap'
import { createRuleBook, RULES } from '../../scoring/rules.ts'
import { isNewer, newestOf, noTotals, type Totals, toTotals } from '../../scoring/totals.ts'

const totals = (changes: Partial<Totals>): Totals => ({ ...noTotals('a', 1, false), ...changes })

t.test(
  'the higher version is newer, a removal is newer than everything, nothing is newer than a removal',
  async (t) => {
    const [first, second] = [totals({ version: 1 }), totals({ version: 2 })]
    const removal = totals({ version: 0, removed: true })
    t.equal(isNewer(second, first), true)
    t.equal(isNewer(first, second), false)
    t.equal(isNewer(first, first), false)
    t.equal(isNewer(removal, second), true)
    t.equal(isNewer(second, removal), false)
    t.equal(isNewer(removal, removal), false)
  },
)

t.test('the newest totals of each player is the same in whatever order they come', async () => {
  const history = ['a', 'b', 'c'].flatMap((playerId, index) =>
    [0, 1, 2, 3].map((version) => totals({ playerId, version, score: version * 100, joinOrder: index })),
  )
  const removal = totals({ playerId: 'b', version: 1, removed: true })
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

t.test('totals are a function of the ledger sums and of the rule of the session', async (t) => {
  const sums = {
    playerId: 'a',
    joinOrder: 7,
    version: 5,
    points: 4_000,
    correctAnswers: 4,
    correctMs: 8_000,
    answered: '1111010000',
    correct: '1101010000',
  }
  const [speed] = RULES
  if (speed === undefined) throw new Error('there is no rule')
  const ruleOf = createRuleBook([...RULES, { ...speed, name: 'no-bonus', streakBonus: () => 0 }])
  const rule = { name: 'speed', version: 1, streakBonus: true }
  t.same(toTotals(sums, rule, ruleOf), {
    playerId: 'a',
    joinOrder: 7,
    version: 5,
    score: 4_050,
    correctAnswers: 4,
    correctMs: 8_000,
    streak: 1,
    answered: Uint8Array.of(0b00101111),
    removed: false,
  })
  t.match(toTotals(sums, { ...rule, streakBonus: false }, ruleOf), { score: 4_000 })
  t.match(toTotals(sums, { ...rule, name: 'no-bonus' }, ruleOf), { score: 4_000, streak: 1 })
  t.match(toTotals(sums, rule, ruleOf, true), { removed: true })
})
