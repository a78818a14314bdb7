import t from 'tap'
import { type CountedAnswer, checkAnswers } from '../answers-check.ts'
import { createDifferences } from '../compare.ts'
import { digestOf } from '../postgres-records.ts'

const answer = (changes: Partial<CountedAnswer> = {}): CountedAnswer => ({
  playerId: 'ada',
  questionId: 'q',
  questionIndex: 0,
  joinOrder: 1,
  answerId: '0199a0f0-0000-7000-8000-000000000001',
  choices: [],
  text: 'Canary Street 7',
  elapsedMs: 5,
  delayMs: 0,
  ruleVersion: 1,
  receivedAtMs: 1,
  ...changes,
})

t.test('a text that was erased is compared by its digest', async (t) => {
  const found = (row: CountedAnswer, accepted = answer()) => {
    const differences = createDifferences()
    checkAnswers(new Map([['a', [accepted]]]), new Map([['a', row]]), (id) => id, differences)
    return differences.list.map(({ what }) => what)
  }
  const erased = digestOf(answer().answerId, 'Canary Street 7')
  t.same(found(answer()), [])
  t.same(found(answer({ text: 'Canary Street 8' })), ['question 1: text'])
  t.same(found(answer({ text: undefined, erased })), [])
  t.same(found(answer({ text: undefined, erased }), answer({ text: 'Canary Street 8' })), [
    'question 1: digest of the text',
  ])
  t.not(digestOf('an-id-of-15-chr', 'owl'), digestOf('an-id', 'owl'))
})

t.test(
  'the answering time that counts is what passed less the delay that was measured, by the version of the rule',
  async (t) => {
    const found = (row: Partial<CountedAnswer>) => {
      const differences = createDifferences()
      const accepted = answer({ elapsedMs: 900, delayMs: 400 })
      checkAnswers(
        new Map([['a', [accepted]]]),
        new Map([['a', answer({ delayMs: 400, ...row })]]),
        (id) => id,
        differences,
      )
      return differences.list.map(({ what }) => what)
    }
    t.same(found({ ruleVersion: 1, elapsedMs: 900 }), [])
    t.same(found({ ruleVersion: 2, elapsedMs: 600 }), [])
    t.same(found({ ruleVersion: 2, elapsedMs: 500 }), ['question 1: elapsedMs'])
    t.same(found({ ruleVersion: 2, elapsedMs: 600, delayMs: 300 }), ['question 1: delayMs'])
  },
)
