import fc from 'fast-check'
import t from 'tap'
import type { Question } from '../../question.ts'
import { prepareQuestions, questionsFaults } from '../../session/prepare-questions.ts'

const questions: readonly (Question & { readonly questionId: string })[] = [
  { questionId: 'a', kind: 'single_choice', prompt: 'a', options: ['w', 'x', 'y', 'z'], correct: 2, points: 500 },
  { questionId: 'b', kind: 'multiple_choice', prompt: 'b', options: ['w', 'x', 'y'], correct: [0, 2] },
  { questionId: 'c', kind: 'true_false', prompt: 'c', options: [], correct: false, timeLimitSeconds: 7 },
  { questionId: 'd', kind: 'fill_blank', prompt: 'd', options: [], correct: ['One', 'two'] },
]
const inOrder = { questionOrder: 'sequential', optionOrder: 'fixed', timeLimitSeconds: 20 } as const
const mixed = { questionOrder: 'random', optionOrder: 'random', timeLimitSeconds: 20 } as const

t.test('questions in order have the quiz as it is, with the defaults of the session', async (t) => {
  t.match(prepareQuestions(questions, inOrder, 1), [
    { index: 0, questionId: 'a', optionOrder: [0, 1, 2, 3], key: { options: [2] }, points: 500, timeLimitMs: 20_000 },
    { index: 1, questionId: 'b', optionOrder: [0, 1, 2], key: { options: [0, 2] }, points: 1_000 },
    { index: 2, questionId: 'c', optionOrder: [], key: { options: [1] }, timeLimitMs: 7_000 },
    { index: 3, questionId: 'd', optionOrder: [], key: { texts: ['One', 'two'] } },
  ])
})

t.test('the same seed gives the same order', async (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 47 }), (seed) => {
      t.same(prepareQuestions(questions, mixed, seed), prepareQuestions(questions, mixed, seed))
    }),
    { numRuns: 20 },
  )
})

t.test('seeds give every order about equally often', async (t) => {
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 24_000; seed += 1) {
    const order = prepareQuestions(questions, mixed, seed * 7_919_123)
      .map(({ questionId }) => questionId)
      .join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  t.equal(counts.size, 24)
  for (const [order, count] of counts) t.ok(count > 800 && count < 1_200, `${order}: ${count}`)
})

t.test(
  'shuffled questions hold every question once, and their keys point at the same options as the quiz',
  async () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), (seed) => {
        const prepared = prepareQuestions(questions, mixed, seed)
        if (new Set(prepared.map(({ questionId }) => questionId)).size !== questions.length)
          throw new Error('lost a question')
        for (const { questionId, optionOrder, key } of prepared) {
          const question = questions.find((candidate) => candidate.questionId === questionId)
          if (question === undefined || question.options.length === 0) continue
          const shown = optionOrder.map((option) => question.options[option])
          const correct = [question.correct].flat().map((option) => question.options[option as number])
          if (
            (key.options as number[])
              .map((option) => shown[option])
              .toSorted()
              .join() !== correct.toSorted().join()
          ) {
            throw new Error('another key')
          }
        }
      }),
    )
  },
)

t.test('questions with more points or time than a board can hold are refused', async (t) => {
  const question = { index: 0, questionId: 'a', kind: 'true_false', optionOrder: [], key: { options: [0] } } as const
  const prepared = (count: number, points: number, timeLimitMs: number) =>
    Array.from({ length: count }, () => ({ ...question, points, timeLimitMs }))
  t.same(questionsFaults(prepared(1_000, 10_000, 60_000), { streakBonus: true }), [])
  t.match(questionsFaults(prepared(1_000, 67_109, 1_000), { streakBonus: false }), [{ code: 'too-many-points' }])
  t.match(questionsFaults(prepared(1_000, 67_000, 1_000), { streakBonus: true }), [{ code: 'too-many-points' }])
  t.match(questionsFaults(prepared(224, 0, 600_000), { streakBonus: false }), [{ code: 'too-long' }])
})

t.test('an ordering is shuffled whatever the setting, and a poll has no points', async (t) => {
  const options = ['a', 'b', 'c', 'd', 'e', 'f']
  const more = [
    { questionId: 'o', kind: 'ordering', prompt: 'o', options },
    { questionId: 'p', kind: 'poll', prompt: 'p', options, points: 500 },
  ] as const
  const [ordering, poll] = prepareQuestions(more, inOrder, 7)
  t.not(ordering?.optionOrder.join(), '0,1,2,3,4,5')
  const right = (ordering?.key.options ?? []) as readonly number[]
  t.same(
    right.map((shown) => ordering?.optionOrder[shown]),
    [0, 1, 2, 3, 4, 5],
  )
  t.match(poll, { points: 0, key: {}, optionOrder: [0, 1, 2, 3, 4, 5] })
})
