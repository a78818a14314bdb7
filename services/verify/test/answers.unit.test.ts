import t from 'tap'
import { checkAnswers } from '../answers-check.ts'
import { createDifferences } from '../compare.ts'
import { digestOf } from '../postgres-records.ts'
import type { AnswerRecord } from '../records.ts'

const answer = (changes: Partial<AnswerRecord> = {}): AnswerRecord => ({
  playerId: 'ada',
  questionId: 'q',
  questionIndex: 0,
  joinOrder: 1,
  answerId: '0199a0f0-0000-7000-8000-000000000001',
  choices: [],
  text: 'Canary Street 7',
  elapsedMs: 5,
  receivedAtMs: 1,
  ...changes,
})

t.test('a text that was erased is compared by its digest', async (t) => {
  const found = (row: AnswerRecord, accepted = answer()) => {
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
