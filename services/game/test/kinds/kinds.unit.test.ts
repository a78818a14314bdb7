import fc from 'fast-check'
import t from 'tap'
import { type AnswerContent, type AnswerFields, FULL, type Key, NONE } from '../../kinds/kind.ts'
import {
  countAnswers,
  findKind,
  isStoredAnswer,
  isUnscored,
  KINDS,
  kindOf,
  readKey as readKeyBy,
} from '../../kinds/kinds.ts'
import { latestTextRule } from '../../text.ts'

const readKey = (kind: string, key: Key) => readKeyBy(kind, key, latestTextRule)

const creditOf = (kind: string, key: Key, given: Partial<AnswerContent>) => {
  const evaluate = readKey(kind, key)
  if (evaluate === undefined) throw new Error('unusable key')
  return evaluate({ choices: [], ...given })
}

t.test('single_choice: the right option earns everything, anything else nothing', async (t) => {
  const credit = (...choices: number[]) => creditOf('single_choice', { options: [2] }, { choices })
  t.equal(credit(2), FULL)
  for (const choices of [[0], [], [2, 0], [2, 2]]) t.equal(credit(...choices), NONE)
})

t.test('true_false: 0 is true, 1 is false', async (t) => {
  const credit = (right: number, choice: number) => creditOf('true_false', { options: [right] }, { choices: [choice] })
  t.equal(credit(0, 0), FULL)
  t.equal(credit(0, 1), NONE)
  t.equal(credit(1, 1), FULL)
  t.equal(credit(1, 0), NONE)
})

t.test('multiple_choice: right picks less wrong picks, as a share of the right options, never below 0', async (t) => {
  const credit = (...choices: number[]) => creditOf('multiple_choice', { options: [0, 2, 3] }, { choices })
  t.same(credit(0, 2, 3), { numerator: 3, denominator: 3 })
  t.same(credit(3, 0), { numerator: 2, denominator: 3 })
  t.same(credit(0, 2, 1), { numerator: 1, denominator: 3 })
  t.same(credit(0, 1), { numerator: 0, denominator: 3 })
  t.same(credit(1, 4), { numerator: 0, denominator: 3 })
  t.same(credit(0, 1, 2, 3, 4), { numerator: 1, denominator: 3 })
  t.same(credit(), { numerator: 0, denominator: 3 })
  t.same(credit(0, 0, 0), { numerator: 1, denominator: 3 }, 'an option picked twice counts once')
})

t.test(
  'multiple_choice: credit is within 0..1, full exactly for the right options, and order does not matter',
  async () => {
    const options = fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: 10 })
    const picks = fc.array(fc.nat({ max: 9 }), { maxLength: 12 })
    fc.assert(
      fc.property(options, picks, (right, choices) => {
        const credit = creditOf('multiple_choice', { options: right }, { choices })
        const reversed = creditOf('multiple_choice', { options: right.toReversed() }, { choices: choices.toReversed() })
        const allRight =
          right.every((option) => choices.includes(option)) && choices.every((choice) => right.includes(choice))
        return (
          credit.numerator >= 0 &&
          credit.numerator <= credit.denominator &&
          (credit.numerator === credit.denominator) === allRight &&
          credit.numerator === reversed.numerator
        )
      }),
    )
  },
)

t.test('fill_blank: any of the accepted texts, apart from what a keyboard decides', async (t) => {
  const credit = (text: string | undefined) =>
    creditOf('fill_blank', { texts: ["It's raining", 'Straße'] }, text === undefined ? {} : { text })
  for (const text of ["It's raining", '  it’S   RAINING ', 'strasse', 'STRASSE', 'straße', 'ｓｔｒａｓｓｅ']) {
    t.equal(credit(text), FULL, text)
  }
  for (const text of ['Its raining', 'It is raining', '', ' ', undefined]) t.equal(credit(text), NONE)
})

t.test('an unknown kind, or a key that is not of its kind, cannot be used', async (t) => {
  t.equal(readKey('essay', { texts: ['a'] }), undefined)
  t.equal(readKey('single_choice', { options: [] }), undefined)
  t.equal(readKey('single_choice', { options: [0, 1] }), undefined)
  t.equal(readKey('true_false', { options: [2] }), undefined)
  t.equal(readKey('multiple_choice', { options: [] }), undefined)
  t.equal(readKey('multiple_choice', { options: [1, 1] }), undefined)
  t.equal(readKey('fill_blank', { texts: [] }), undefined)
  t.equal(readKey('fill_blank', { texts: [' '] }), undefined)
  for (const { name } of KINDS) if (!isUnscored(name)) t.equal(readKey(name, {}), undefined, name)
})

t.test('what fits a question of each kind', async (t) => {
  const options = { single_choice: 4, multiple_choice: 4, true_false: 0, fill_blank: 0 }
  const fits = {
    single_choice: [{ choice: 0 }, { choice: 3 }],
    true_false: [{ choice: 0 }, { choice: 1 }],
    multiple_choice: [{ choices: [0] }, { choices: [3, 1] }],
    fill_blank: [{ text: 'went' }, { text: '' }, { text: 'שלום\u200f' }],
  }
  const doesNot = {
    single_choice: [
      {},
      { choice: -1 },
      { choice: 4 },
      { choice: 1e9 },
      { choices: [0] },
      { text: 'a' },
      { choice: 0, text: '' },
    ],
    true_false: [{}, { choice: 2 }, { choice: -1 }, { choices: [0] }, { text: 'true' }, { choice: 0, choices: [] }],
    multiple_choice: [{}, { choices: [] }, { choices: [0, 0] }, { choices: [4] }, { choices: [0, -1] }, { choice: 0 }],
    fill_blank: [
      {},
      { choice: 0 },
      { choices: [] },
      { text: 'x', choice: 0 },
      { text: 'x\u001b[2J' },
      { text: 'a\u202eb' },
    ],
    essay: [{ text: 'x' }],
  }
  for (const [kind, list] of Object.entries(fits)) {
    const optionCount = options[kind as keyof typeof options]
    for (const fields of list)
      t.ok(findKind(kind)?.answerOf(fields, optionCount) !== undefined, `${kind} ${JSON.stringify(fields)}`)
  }
  for (const [kind, list] of Object.entries(doesNot)) {
    const optionCount = options[kind as keyof typeof options] ?? 4
    for (const fields of list)
      t.notOk(findKind(kind)?.answerOf(fields, optionCount) !== undefined, `${kind} ${JSON.stringify(fields)}`)
  }
})

t.test('an answer is repeated when it is the same to its kind', async (t) => {
  const repeated = (stored: AnswerContent, fields: AnswerFields, kind?: string) => isStoredAnswer(stored, fields, kind)
  t.ok(repeated({ choices: [0, 2] }, { choices: [2, 0] }, 'multiple_choice'), 'whatever the order of the options')
  t.notOk(repeated({ choices: [0, 2] }, { choices: [0] }, 'multiple_choice'))
  t.notOk(repeated({ choices: [1] }, { choice: 0 }, 'single_choice'))
  t.notOk(repeated({ choices: [], text: 'a' }, { text: 'A' }, 'fill_blank'), 'texts as typed')
  t.ok(repeated({ choices: [], text: 'a' }, { text: 'a' }), 'also when the kind is not known any more')
  t.notOk(repeated({ choices: [], text: '' }, {}))
})

t.test('ordering: credit is the share of neighbours in the right order, full only when all are right', async (t) => {
  const kind = kindOf('ordering')
  // Shown at 0 is the third option of the quiz, and so on: the right order is 1, 3, 0, 2.
  const optionOrder = [2, 0, 3, 1]
  const key = kind.keyOf({ options: ['a', 'b', 'c', 'd'] }, optionOrder)
  t.same(kind.correctOf(key), [1, 3, 0, 2])
  const credit = (...choices: number[]) => creditOf('ordering', key, { choices })
  t.same(credit(1, 3, 0, 2), { numerator: 3, denominator: 3 })
  t.same(credit(1, 3, 2, 0), { numerator: 1, denominator: 3 })
  t.same(credit(0, 2, 1, 3), { numerator: 2, denominator: 3 }, 'halves changed')
  t.same(credit(2, 0, 3, 1), { numerator: 0, denominator: 3 })
  t.equal(credit(1, 3), NONE)
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (choices) => {
      const { numerator, denominator } = credit(...choices)
      return (numerator === denominator) === (choices.join() === '1,3,0,2')
    }),
  )
})

t.test('ordering: an answer is every option once, in the order chosen', async (t) => {
  const { answerOf } = kindOf('ordering')
  t.same(answerOf({ choices: [2, 0, 1] }, 3), { choices: [2, 0, 1] }, 'the order stays')
  for (const choices of [[], [0, 1], [0, 1, 1], [0, 1, 3], [0, 1, 2, 3]]) t.equal(answerOf({ choices }, 3), undefined)
  t.equal(answerOf({ choice: 0 }, 3), undefined)
  t.notOk(isStoredAnswer({ choices: [0, 1, 2] }, { choices: [2, 0, 1] }, 'ordering'), 'another order is another answer')
})

t.test('ordering: the reveal counts how often each option was put where it belongs', async (t) => {
  const answers = [
    { choices: [1, 3, 0, 2], count: 5 },
    { choices: [1, 3, 2, 0], count: 2 },
  ]
  t.same(countAnswers('ordering', answers, [2, 0, 3, 1], latestTextRule).optionCounts, [5, 7, 5, 7])
})

t.test('numeric: a number within the tolerance as it is written, not as a double is', async (t) => {
  const credit = (value: number, tolerance: number, number: number) =>
    creditOf('numeric', { value, tolerance }, kindOf('numeric').answerOf({ number }, 0) ?? {})
  t.equal(credit(42, 0, 42), FULL)
  t.equal(credit(42, 0, 42.0001), NONE)
  t.equal(credit(1.1, 0.1, 1), FULL, '1.1 − 1 is more than 0.1 in doubles')
  t.equal(credit(1.1, 0.1, 1.2), FULL)
  t.equal(credit(1.1, 0.1, 1.2000000000000002), NONE)
  t.equal(credit(0.3, 0, 0.1 + 0.2), NONE)
  t.equal(credit(-5, 2, -7), FULL)
  t.equal(credit(6.02e-23, 1e-25, 6.03e-23), FULL)
  t.equal(credit(1e15, 1, 999_999_999_999_999), FULL)
  for (const text of ['', 'x', 'Infinity', undefined]) {
    t.equal(readKey('numeric', { value: 0, tolerance: 1 })?.({ choices: [], text }), NONE)
  }
})

t.test('numeric: an answer is one number, and results show it as one', async (t) => {
  const { answerOf, fieldsOf } = kindOf('numeric')
  t.same(answerOf({ number: -0.5 }, 0), { choices: [], text: '-0.5' })
  t.same(fieldsOf({ choices: [], text: '1e-7' }), { number: 1e-7 })
  for (const fields of [
    {},
    { text: '1' },
    { choice: 1 },
    { number: 1, text: '1' },
    { number: 1e16 },
    { number: NaN },
  ]) {
    t.equal(answerOf(fields, 0), undefined)
  }
})

t.test('poll: no answer earns anything, nothing is revealed as correct, and choices are counted', async (t) => {
  t.ok(isUnscored('poll'))
  const key = kindOf('poll').keyOf({ options: ['a', 'b'] }, [0, 1])
  t.equal(creditOf('poll', key, { choices: [0] }), NONE)
  t.equal(kindOf('poll').correctOf(key), undefined)
  t.same(countAnswers('poll', [{ choices: [1], count: 3 }], [1, 0], latestTextRule).optionCounts, [0, 3])
})
