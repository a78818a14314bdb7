import t from 'tap'
import type { OwnResults } from '#client'
import type { Contestant } from '../contestant.ts'
import { reviewMistakes } from '../review.ts'

type Reviewed = OwnResults['questions'][number]

const question = (index: number, kind: Reviewed['kind'], more: Partial<Reviewed>): Reviewed => ({
  questionId: `q${index}`,
  index,
  kind,
  prompt: `Question ${index}?`,
  credit: 0,
  points: 0,
  ...more,
})
const place = { rank: 2, score: 100, correctAnswers: 1 }
const reviewOf = (questions: readonly Reviewed[], own = place) => {
  const results = async () => ({ nickname: 'Ada', ...own, questions })
  const contestants = [
    { presence: 'in', player: { playerId: 'a', device: { results } } },
    { presence: 'left', player: { playerId: 'b' } },
  ] as unknown as readonly Contestant[]
  const standing = { nickname: '', joinOrder: 1, correctMs: 0, version: 1 }
  const standings = [
    { ...standing, ...place, playerId: 'a' },
    { ...standing, ...place, playerId: 'b', rank: 3 },
  ]
  return reviewMistakes({ contestants }, { standings })
}

const options = ['one', 'two', 'three']
const MISTAKES: readonly (readonly [Reviewed['kind'], Partial<Reviewed>, given: string, key: string])[] = [
  ['single_choice', { options, answer: { choice: 0 }, correct: 1 }, 'one', 'two'],
  ['multiple_choice', { options, answer: { choices: [0] }, correct: [0, 2] }, 'one', 'one, three'],
  ['true_false', { answer: { choice: 1 }, correct: true }, 'False', 'True'],
  ['fill_blank', { answer: { text: 'goed\n' }, correct: ['went', 'gone'] }, 'goed ', 'went'],
  [
    'ordering',
    { options, answer: { choices: [2, 1, 0] }, correct: [0, 1, 2] },
    'three < two < one',
    'one < two < three',
  ],
  ['numeric', { answer: { number: 0 }, correct: { value: 7, tolerance: 1 } }, '0', '7'],
  ['numeric', { correct: { value: 7, tolerance: 0 } }, 'nothing', '7'],
]

t.test('mistakes are shown with the own answer, the right one and the explanation', async (t) => {
  for (const [kind, fields, given, key] of MISTAKES) {
    const { lines, differences } = await reviewOf([question(0, kind, { ...fields, explanation: 'Because.' })])
    t.strictSame(lines, [
      '',
      'What Ada can learn, with 1 of 1 questions not right:',
      '  1. Question 0?',
      `     answered  ${given}`,
      `     right     ${key}`,
      '     Because.',
    ])
    t.strictSame(differences, [])
  }
})

t.test('what was right or has no key is no mistake; of many, those that were answered are shown', async (t) => {
  const right = question(0, 'true_false', { answer: { choice: 0 }, correct: true, credit: 1 })
  const poll = question(1, 'poll', { options, answer: { choice: 0 } })
  t.strictSame((await reviewOf([right, poll])).lines, [])
  const missed = question(2, 'true_false', { correct: true })
  const wrong = [3, 4, 5].map((index) => question(index, 'true_false', { answer: { choice: 1 }, correct: true }))
  const { lines } = await reviewOf([right, poll, missed, ...wrong])
  t.equal(lines[1], 'What Ada can learn, with 4 of 5 questions not right:')
  t.strictSame(
    lines.filter((line) => /^ {2}\d/.test(line)),
    ['  4. Question 3?', '  5. Question 4?', '  6. Question 5?'],
  )
})

t.test('own results that differ from the ledger are said', async (t) => {
  const { differences } = await reviewOf([], { ...place, score: 99 })
  t.strictSame(differences, ['Ada has score 99 in the own results, the ledger says 100'])
})
