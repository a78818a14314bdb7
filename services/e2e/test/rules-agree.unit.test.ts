import fc from 'fast-check'
import t from 'tap'
import { normaliseText } from '../../game/kinds/normalise-text.ts'
import { createRuleBook, RULES } from '../../game/scoring/rule-book.ts'
import { currentStreak, streakBonus } from '../../game/scoring/streak.ts'
import { streakBonus as bonusOfResults } from '../../game/scoring/streak-bonus.ts'
import { normaliseText as textOfResults } from '../../game/text.ts'
import { toStanding } from '../../leaderboard/totals.ts'
import { packBits } from '../../scorer/bits.ts'
import { pointsOf, streakBonusOf } from '../../verify/points.ts'

/** Services share no rules, so several of them state the same one; here they are held together. */

const bits = fc.array(fc.constantFrom('none', 'wrong', 'right'), { maxLength: 40 }).map((answers) => ({
  answered: answers.map((answer) => (answer === 'none' ? '0' : '1')).join(''),
  correct: answers.map((answer) => (answer === 'right' ? '1' : '0')).join(''),
}))

t.test('a board built from the ledger has the scores, streaks and bits that the scorer publishes', async () => {
  fc.assert(
    fc.property(bits, ({ answered, correct }) => {
      const totals = { version: 1, points: 500, correctAnswers: 0, correctMs: 0, answered, correct, streakBonus: true }
      const standing = toStanding({ playerId: 'a', joinOrder: 1, removed: false, totals })
      return (
        standing.score === 500 + streakBonus(correct) &&
        standing.streak === currentStreak(answered, correct) &&
        Buffer.from(standing.answered).equals(packBits(answered))
      )
    }),
    { numRuns: 1_000 },
  )
})

t.test('results and verification have the same streak bonus as the scorer', async () => {
  fc.assert(
    fc.property(bits, ({ correct }) => {
      const bonus = streakBonus(correct)
      return bonusOfResults(correct) === bonus && streakBonusOf(correct) === bonus
    }),
    { numRuns: 1_000 },
  )
})

t.test('verification gives the same points as the scorer', async () => {
  const answers = fc.record({
    rule: fc.constantFrom('speed', 'flat'),
    pointsPossible: fc.nat({ max: 10_000 }),
    creditNumerator: fc.nat({ max: 10 }),
    elapsedMs: fc.nat({ max: 600_000 }),
  })
  const ruleOf = createRuleBook(RULES)
  fc.assert(
    fc.property(answers, (given) => {
      const answer = { ...given, ruleVersion: 1, creditDenominator: 10, timeLimitMs: 600_000 }
      return ruleOf(given.rule, 1)?.points(answer) === pointsOf(answer)
    }),
    { numRuns: 1_000 },
  )
})

t.test('texts are counted in the form in which they were compared', async () => {
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom('a', 'É', 'ß', ' ', '\u00a0', '’', '´', '`', '″', '«', '—', 'ﬁ'), { maxLength: 20 })
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(typed, (text) => textOfResults(text) === normaliseText(text)),
    { numRuns: 2_000 },
  )
})
