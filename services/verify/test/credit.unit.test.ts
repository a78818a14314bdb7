import t from 'tap'
import { creditOf as creditBy, sameCredit } from '../credit.ts'
import type { QuestionTerms } from '../records.ts'

const question = (kind: string, key: QuestionTerms['key']): QuestionTerms => ({
  index: 0,
  questionId: 'q',
  kind,
  key,
  points: 1000,
  timeLimitMs: 1000,
})
type Answer = Parameters<typeof creditBy>[1]
const creditOf = (asked: QuestionTerms, answer: Answer, textVersion = 2) => creditBy(asked, answer, textVersion)
const picks = (...choices: number[]) => ({ choices, text: undefined })
const text = (text: string) => ({ choices: [], text })

t.test('one option: the key and nothing else', async (t) => {
  for (const kind of ['single_choice', 'true_false']) {
    const asked = question(kind, { options: [1] })
    t.match(creditOf(asked, picks(1)), { numerator: 1, denominator: 1 })
    t.match(creditOf(asked, picks(0)), { numerator: 0 })
    t.match(creditOf(asked, picks()), { numerator: 0 })
    t.match(creditOf(asked, picks(1, 0)), { numerator: 0 })
  }
})

t.test('several options: right picks less wrong picks by right options, never below nothing', async (t) => {
  const asked = question('multiple_choice', { options: [0, 2, 3] })
  t.match(creditOf(asked, picks(0, 2, 3)), { numerator: 3, denominator: 3 })
  t.match(creditOf(asked, picks(0, 2)), { numerator: 2, denominator: 3 })
  t.match(creditOf(asked, picks(0, 1)), { numerator: 0, denominator: 3 })
  t.match(creditOf(asked, picks(1)), { numerator: 0, denominator: 3 })
  t.match(creditOf(asked, picks(2, 2)), { numerator: 1, denominator: 3 })
})

t.test('a text counts whatever its case, spaces, apostrophes and composition', async (t) => {
  const asked = question('fill_blank', { texts: ["hasn't been", 'café'] })
  t.match(creditOf(asked, text('  Hasn’t   BEEN ')), { numerator: 1 })
  t.match(creditOf(asked, text('cafe\u0301')), { numerator: 1 })
  t.match(creditOf(asked, text('Hasn´t been')), { numerator: 1 })
  t.match(creditOf(question('fill_blank', { texts: ['Straße – 5'] }), text('STRASSE - 5')), { numerator: 1 })
  t.match(creditOf(asked, text('has been')), { numerator: 0 })
  t.match(creditOf(asked, text('')), { numerator: 0 })
})

t.test('invisible characters, ẞ and İ make no difference since version 2 of the text rule', async (t) => {
  const cases = [
    ['Straße', 'STRAẞE'],
    ['was', 'wa\u200bs'],
    ['it', 'İt'],
  ] as const
  for (const [key, typed] of cases) {
    t.match(creditOf(question('fill_blank', { texts: [key] }), text(typed)), { numerator: 1 }, typed)
    t.match(creditOf(question('fill_blank', { texts: [key] }), text(typed), 1), { numerator: 0 }, `${typed}, version 1`)
  }
  t.equal(creditOf(question('fill_blank', { texts: ['a'] }), text('a'), 99), undefined)
})

t.test('an unknown kind has no credit; equal fractions are equal', async (t) => {
  t.equal(creditOf(question('essay', {}), picks(0)), undefined)
  t.ok(sameCredit({ numerator: 2, denominator: 4 }, { numerator: 1, denominator: 2 }))
  t.notOk(sameCredit({ numerator: 1, denominator: 3 }, { numerator: 1, denominator: 2 }))
})
