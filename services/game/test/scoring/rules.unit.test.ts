import fc from 'fast-check'
import t from 'tap'
import { accuracy1 } from '../../scoring/accuracy.ts'
import { flat1 } from '../../scoring/flat.ts'
import { MAX_GRANT_MS } from '../../scoring/lag.ts'
import { type Rule, scaleHalfUp } from '../../scoring/rule.ts'
import { createRuleBook, newestVersion, RULE_NAMES, RULES } from '../../scoring/rules.ts'
import { speed1, speed2 } from '../../scoring/speed.ts'

const full = { creditNumerator: 1, creditDenominator: 1 }

const answers = fc
  .record({
    pointsPossible: fc.nat({ max: 10_000 }),
    creditDenominator: fc.integer({ min: 1, max: 10 }),
    timeLimitMs: fc.integer({ min: 1, max: 600_000 }),
    numeratorShare: fc.double({ min: 0, max: 1, noNaN: true }),
    elapsedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ numeratorShare, elapsedShare, ...answer }) => ({
    ...answer,
    creditNumerator: Math.round(numeratorShare * answer.creditDenominator),
    elapsedMs: Math.round(elapsedShare * answer.timeLimitMs),
  }))

t.test('speed: all points at once, half of them at the last moment, in between by the published formula', async (t) => {
  const points = (elapsedMs: number) =>
    speed1.points({ ...full, pointsPossible: 1_000, elapsedMs, timeLimitMs: 20_000 })
  t.equal(points(0), 1_000)
  t.equal(points(10_000), 750)
  t.equal(points(20_000), 500)
  // 1 − (2 / 30) / 2 = 0.9666…, of 1000: the example of the published page, a response after 2 of 30 seconds
  t.equal(speed1.points({ ...full, pointsPossible: 1_000, elapsedMs: 2_000, timeLimitMs: 30_000 }), 967)
})

t.test('speed: exactly half a point is rounded up', async (t) => {
  t.equal(speed1.points({ ...full, pointsPossible: 1, elapsedMs: 10, timeLimitMs: 10 }), 1)
  t.equal(speed1.points({ ...full, pointsPossible: 3, elapsedMs: 10, timeLimitMs: 10 }), 2)
})

t.test('speed: partial credit scales the points, none earns none', async (t) => {
  const answer = { pointsPossible: 1_000, creditDenominator: 3, elapsedMs: 0, timeLimitMs: 20_000 }
  t.equal(speed1.points({ ...answer, creditNumerator: 2 }), 667)
  t.equal(speed1.points({ ...answer, creditNumerator: 0 }), 0)
})

t.test('flat: credit alone counts, however long it took', async (t) => {
  fc.assert(fc.property(answers, (answer) => flat1.points(answer) === flat1.points({ ...answer, elapsedMs: 0 })))
  t.equal(flat1.points({ ...full, pointsPossible: 1_000, elapsedMs: 19_999, timeLimitMs: 20_000 }), 1_000)
  t.equal(
    flat1.points({
      pointsPossible: 1_000,
      creditNumerator: 1,
      creditDenominator: 3,
      elapsedMs: 0,
      timeLimitMs: 20_000,
    }),
    333,
  )
})

t.test(
  'every rule: an integer from 0 to the points possible, never more for a later answer or less credit',
  async () => {
    const isBounded = (rule: Rule) =>
      fc.property(answers, (answer) => {
        const points = rule.points(answer)
        return Number.isInteger(points) && points >= 0 && points <= answer.pointsPossible
      })
    const isMonotone = (rule: Rule) =>
      fc.property(answers, (answer) => {
        const later = { ...answer, elapsedMs: Math.min(answer.elapsedMs + 1, answer.timeLimitMs) }
        const poorer = { ...answer, creditNumerator: Math.max(answer.creditNumerator - 1, 0) }
        return rule.points(later) <= rule.points(answer) && rule.points(poorer) <= rule.points(answer)
      })
    for (const rule of RULES) {
      fc.assert(isBounded(rule), { numRuns: 1_000 })
      fc.assert(isMonotone(rule), { numRuns: 1_000 })
    }
  },
)

t.test('speed: between half and all of the points for full credit', async () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const points = speed1.points({ ...answer, ...full })
      return 2 * points >= answer.pointsPossible && points <= answer.pointsPossible
    }),
  )
})

t.test('scaling is exact also where a double is not', async (t) => {
  const factors = fc.record({
    value: fc.nat({ max: 2 ** 26 }),
    numerator: fc.nat({ max: 2 ** 45 }),
    denominator: fc.integer({ min: 1, max: 2 ** 45 }),
  })
  fc.assert(
    fc.property(factors, ({ value, numerator, denominator }) => {
      const exact = (2n * BigInt(value) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator))
      return exact > BigInt(Number.MAX_SAFE_INTEGER) || BigInt(scaleHalfUp(value, numerator, denominator)) === exact
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

t.test('a later version of a rule leaves the points of the earlier one as they were', async (t) => {
  const generous: Rule = { ...speed1, version: 3, points: ({ pointsPossible }) => pointsPossible }
  const before = createRuleBook(RULES)
  const after = createRuleBook([...RULES, generous])
  fc.assert(
    fc.property(answers, (answer) =>
      RULES.every(
        ({ name, version }) => before(name, version)?.points(answer) === after(name, version)?.points(answer),
      ),
    ),
  )
  t.equal(after('speed', 3), generous)
  t.equal(before('speed', 3), undefined)
  t.equal(newestVersion('speed', 'off', [...RULES, generous]), 3)
  t.equal(newestVersion('none', 'off'), undefined)
  t.throws(() => createRuleBook([...RULES, { ...generous, version: 1 }]), /two rules are called speed@1/)
})

t.test('accuracy: credit alone counts, neither time nor streaks', async (t) => {
  const answer = { pointsPossible: 1_000, creditDenominator: 3, timeLimitMs: 20_000 }
  t.equal(accuracy1.points({ ...answer, creditNumerator: 2, elapsedMs: 0 }), 667)
  t.equal(accuracy1.points({ ...answer, creditNumerator: 2, elapsedMs: 20_000 }), 667)
  t.equal(accuracy1.points({ ...answer, creditNumerator: 0, elapsedMs: 0 }), 0)
  t.equal((accuracy1 as Rule).streakBonus('111111'), 0)
})

t.test('each rule has a version for sessions with and one for sessions without compensation', async (t) => {
  for (const name of RULE_NAMES) {
    t.equal(newestVersion(name, 'off'), 1)
    t.equal(newestVersion(name, 'measured'), 2)
  }
  const { counted: asBefore }: Rule = speed1
  t.equal(asBefore(900, 250), 900)
  fc.assert(
    fc.property(fc.nat(600_000), fc.nat(3_000), (elapsedMs, delayMs) => {
      const counted = speed2.counted(elapsedMs, delayMs)
      return counted >= 0 && counted <= elapsedMs && elapsedMs - counted <= Math.min(delayMs, MAX_GRANT_MS)
    }),
  )
  t.equal(speed2.counted(900, 250), 650)
  t.equal(speed2.counted(900, 800), 600)
  t.equal(speed2.counted(100, 250), 0)
})
