import fc from 'fast-check'
import t from 'tap'
import { createRuleBook, RULES } from '../../scoring/rules.ts'
import { currentStreak, streakBonus1 } from '../../scoring/streaks.ts'
import { toTotals } from '../../scoring/totals.ts'

const bits = (length: { min: number; max: number }) =>
  fc
    .array(fc.constantFrom('0', '1'), { minLength: length.min, maxLength: length.max })
    .map((characters) => characters.join(''))

t.test('the bonus begins with the second correct answer in a row and grows by 50 to 250', async (t) => {
  t.equal(streakBonus1(''), 0)
  t.equal(streakBonus1('1'), 0)
  t.equal(streakBonus1('11'), 50)
  t.equal(streakBonus1('111'), 150)
  t.equal(streakBonus1('111111'), 50 + 100 + 150 + 200 + 250)
  t.equal(streakBonus1('11111111'), 50 + 100 + 150 + 200 + 250 + 250 + 250)
})

t.test('a wrong or missing answer breaks a streak', async (t) => {
  t.equal(streakBonus1('110110'), 100)
  t.equal(streakBonus1('101010'), 0)
  t.equal(streakBonus1('110111'), 50 + 150)
})

t.test('the bonus is what adding it up answer by answer gives', async () => {
  fc.assert(
    fc.property(bits({ min: 0, max: 60 }), (correct) => {
      let sum = 0
      let run = 0
      for (const bit of correct) {
        run = bit === '1' ? run + 1 : 0
        if (run > 1) sum += Math.min(50 * (run - 1), 250)
      }
      return streakBonus1(correct) === sum
    }),
  )
})

t.test('one more correct answer never lowers the bonus', async () => {
  fc.assert(
    fc.property(bits({ min: 1, max: 40 }), fc.nat(), (correct, seed) => {
      const place = seed % correct.length
      const more = `${correct.slice(0, place)}1${correct.slice(place + 1)}`
      return streakBonus1(more) >= streakBonus1(correct)
    }),
  )
})

t.test('the current streak ends at the latest answered question', async (t) => {
  t.equal(currentStreak('0000', '0000'), 0)
  t.equal(currentStreak('1110', '1110'), 3)
  t.equal(currentStreak('1111', '1110'), 0)
  t.equal(currentStreak('1011', '1011'), 2, 'a question without an answer breaks it')
  t.equal(currentStreak('1100', '0100'), 1)
})

t.test('a question without a right answer neither breaks a streak nor counts in it', async (t) => {
  const rule = { name: 'speed', version: 1, streakBonus: true, unscored: [1, 4] }
  const sums = { playerId: 'a', joinOrder: 1, version: 5, points: 3_000, correctAnswers: 3, correctMs: 0 }
  const ruleOf = createRuleBook(RULES)
  const totals = toTotals({ ...sums, answered: '11111', correct: '10110' }, rule, ruleOf)
  t.match(totals, { streak: 3, score: 3_000 + 50 + 100 }, 'answered')
  t.match(
    toTotals({ ...sums, answered: '10110', correct: '10110' }, rule, ruleOf),
    { streak: 3, score: 3_150 },
    'not answered',
  )
  t.match(toTotals({ ...sums, answered: '11111', correct: '10110' }, { ...rule, unscored: [] }, ruleOf), {
    streak: 0,
    score: 3_050,
  })
})
