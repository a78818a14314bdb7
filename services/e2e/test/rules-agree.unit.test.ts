import fc from 'fast-check'
import t from 'tap'
import { findKind, KINDS, type KindName, readKey } from '../../game/kinds/kinds.ts'
import { seededRandom, shuffled } from '../../game/random.ts'
import { RULES } from '../../game/scoring/rules.ts'
import { TEXT_VERSION, textRule } from '../../game/text.ts'
import { type CREDIT_RULES, creditOf, sameCredit } from '../../verify/credit.ts'
import { bonusOf, pointsOf, type SCORING_RULES } from '../../verify/points.ts'

/** `verify` states the rules once more, on purpose; here they are held against the game's. */

/** A rule that verify does not state does not compile. */
const stated: readonly (keyof typeof SCORING_RULES)[] = RULES.map(({ name, version }) => `${name}@${version}` as const)

t.test('verification states every rule, and each once', async (t) => {
  t.equal(new Set(stated).size, RULES.length)
})

const bits = fc.array(fc.constantFrom('0', '1'), { maxLength: 40 }).map((characters) => characters.join(''))

t.test('verification has the same streak bonus as every rule', async () => {
  fc.assert(
    fc.property(bits, (correct) =>
      RULES.every((rule) => rule.streakBonus(correct) === bonusOf(rule.name, rule.version, correct)),
    ),
    { numRuns: 1_000 },
  )
})

t.test('verification gives the same points as the scorer', async () => {
  const answers = fc.record({
    rule: fc.constantFrom(...RULES),
    pointsPossible: fc.nat({ max: 10_000 }),
    creditNumerator: fc.nat({ max: 10 }),
    elapsedMs: fc.nat({ max: 600_000 }),
  })
  fc.assert(
    fc.property(answers, (given) => {
      const { name, version } = given.rule
      const answer = { ...given, rule: name, ruleVersion: version, creditDenominator: 10, timeLimitMs: 600_000 }
      return given.rule.points(answer) === pointsOf(answer)
    }),
    { numRuns: 1_000 },
  )
})

/** A question of each kind and answers to it; a kind that is missing here, or in verify, does not compile. */
const EXAMPLES = {
  single_choice: { options: ['a', 'b', 'c'], correct: 1, answers: fc.nat(2).map((choice) => ({ choice })) },
  multiple_choice: {
    options: ['a', 'b', 'c', 'd'],
    correct: [0, 2],
    answers: fc.uniqueArray(fc.nat(3), { minLength: 1 }).map((choices) => ({ choices })),
  },
  true_false: { options: [], correct: false, answers: fc.nat(1).map((choice) => ({ choice })) },
  fill_blank: {
    options: [],
    correct: ['Straße', "it's"],
    answers: fc.constantFrom('STRAẞE', 'strasse', 'İt’s', 'ıts', 'its', '', 'i\u200bt´s ').map((text) => ({ text })),
  },
  ordering: {
    options: ['a', 'b', 'c', 'd'],
    correct: undefined,
    answers: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }).map((choices) => ({ choices })),
  },
  numeric: {
    options: [],
    correct: { value: -1.1, tolerance: 0.1 },
    answers: fc
      .oneof(
        fc.constantFrom(-1, -1.2, -1.1, 0, -0.9999999999999999, 1e15, 5e-324),
        fc.double({ min: -2, max: 0, noNaN: true }),
      )
      .map((number) => ({ number })),
  },
  poll: { options: ['a', 'b'], correct: undefined, answers: fc.nat(1).map((choice) => ({ choice })) },
} satisfies Record<KindName & keyof typeof CREDIT_RULES, unknown> satisfies Record<KindName, unknown>

t.test('verification gives the same credit as every kind', async () => {
  const seeds = fc.nat()
  const versions = fc.integer({ min: 1, max: TEXT_VERSION })
  for (const { name } of KINDS) {
    const { answers, ...content } = EXAMPLES[name]
    fc.assert(
      fc.property(answers as fc.Arbitrary<object>, seeds, versions, (fields, seed, textVersion) => {
        const order = shuffled([...content.options.keys()], seededRandom(seed))
        const kind = findKind(name)
        const key = kind?.keyOf(content, order) ?? {}
        const answer = kind?.answerOf(fields, content.options.length)
        if (answer === undefined) throw new Error(`${JSON.stringify(fields)} is no answer to ${name}`)
        const credit = readKey(name, key, textRule(textVersion))?.(answer)
        const terms = { index: 0, questionId: 'q', kind: name, key, points: 1, timeLimitMs: 1 }
        const again = creditOf(terms, { text: undefined, ...answer }, textVersion)
        return credit !== undefined && again !== undefined && sameCredit(credit, again)
      }),
      { numRuns: 300 },
    )
  }
})

t.test('verification compares texts as the evaluator does, in every version', async () => {
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          'É',
          'ß',
          'ẞ',
          'ss',
          'İ',
          'i',
          '\u0307',
          '\u0323',
          'Σ',
          'ς',
          ' ',
          '\u00a0',
          '\u200b',
          '’',
          '´',
          '″',
          '«',
          '—',
          'ﬁ',
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join('')),
  )
  for (let version = 1; version <= TEXT_VERSION; version += 1) {
    const normalise = textRule(version)
    fc.assert(
      fc.property(typed, typed, (accepted, given) => {
        const key = { texts: [accepted] }
        const terms = { index: 0, questionId: 'q', kind: 'fill_blank', key, points: 1, timeLimitMs: 1 }
        return [given, normalise(accepted), accepted.toUpperCase()].every((text) => {
          const credit = creditOf(terms, { choices: [], text }, version)
          return (credit?.numerator === 1) === (normalise(text) === normalise(accepted))
        })
      }),
      { numRuns: 2_000 },
    )
  }
})
