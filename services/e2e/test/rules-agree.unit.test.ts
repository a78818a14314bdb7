import fc from 'fast-check'
import t from 'tap'
import { normaliseText } from '../../game/kinds/normalise-text.ts'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { normaliseText as textOfResults } from '../../game/text.ts'
import { pointsOf, streakBonusOf } from '../../verify/points.ts'

/** `verify` states the rules once more, on purpose; here they are held against the game's. */

const bits = fc.array(fc.constantFrom('0', '1'), { maxLength: 40 }).map((characters) => characters.join(''))

t.test('verification has the same streak bonus as every rule', async () => {
  fc.assert(
    fc.property(bits, (correct) => RULES.every((rule) => rule.streakBonus(correct) === streakBonusOf(correct))),
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
