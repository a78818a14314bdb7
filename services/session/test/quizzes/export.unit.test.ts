import t from 'tap'
import { checkQuiz, type QuestionInput } from '../../../game/question.ts'
import { exportCsv } from '../../quizzes/export/csv.ts'
import { exportGift } from '../../quizzes/export/gift.ts'
import { exportPodium } from '../../quizzes/export/podium.ts'
import { type Format, parseFile } from '../../quizzes/import/parse-file.ts'
import type { Quiz } from '../../quizzes/quiz-store.ts'

const quizOf = (questions: readonly QuestionInput[], more: Partial<Quiz> = {}): Quiz => {
  const checked = checkQuiz({ title: 'Unit "1"; a, b', questions, ...more })
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors))
  return {
    ...checked.value,
    questions: checked.value.questions.map((question, index) => ({ ...question, questionId: `q${index}` })),
    quizId: 'quiz',
    hostId: 'host',
    createdAt: 1,
    updatedAt: 1,
    revision: 1,
  }
}

const withoutIds = ({ questions }: Quiz): readonly object[] =>
  questions.map(({ questionId: _, ...question }) => JSON.parse(JSON.stringify(question)))

/** What comes back of a file that was exported. */
const imported = async (format: Format, content: string) => {
  const file = await parseFile(format, content)
  if (!file.ok) throw new Error(file.code)
  return { ...file, questions: JSON.parse(JSON.stringify(file.questions)) as object[] }
}

/** Signs that mean something to one of the formats. */
const HOSTILE = [
  '=1+1',
  "'=a",
  '-5',
  '%50%',
  '[html]<b>',
  'a->b',
  '{x}',
  '#',
  '~ :',
  '\\n',
  'a\nb',
  '"q"',
  'x;y,z\t1',
  '*',
]

const plain: readonly QuestionInput[] = [
  ...HOSTILE.map(
    (text): QuestionInput => ({ kind: 'single_choice', prompt: `${text} ?`, options: ['y', text], correct: 1 }),
  ),
  { kind: 'multiple_choice', prompt: '// Many', options: ['a', 'b', 'c'], correct: [0, 2], explanation: 'a {and} c' },
  { kind: 'true_false', prompt: '$CATEGORY: no', options: [], correct: false },
  { kind: 'fill_blank', prompt: '::I ___', options: [], correct: ['went', '*', '\\*', '-> x'] },
  { kind: 'numeric', prompt: 'Pi', options: [], correct: { value: -3.14, tolerance: 1e-7 } },
]

const AUDIO = { kind: 'audio', url: 'https://x.example/a', alt: 'Hello', durationMs: 900 }

const rich: readonly QuestionInput[] = [
  {
    kind: 'single_choice',
    prompt: ' Which? ',
    options: ['a', 'b'],
    correct: 1,
    points: 0,
    timeLimitSeconds: 7,
    difficulty: 'hard',
    explanation: '',
    tags: ['x', 'y'],
    language: 'pt-BR',
    media: AUDIO,
    optionMedia: { 1: { kind: 'image', url: 'https://x.example/b.png' } },
  },
  { kind: 'ordering', prompt: 'Sort', options: ['a', 'b', 'c'] },
  { kind: 'poll', prompt: 'Like it?', options: ['yes', 'no'] },
  { kind: 'multiple_choice', prompt: 'One', options: ['a', 'b'], correct: [0] },
  { kind: 'fill_blank', prompt: 'Pipe', options: [], correct: ['a|b', 'c'] },
  { kind: 'fill_blank', prompt: 'Pipes', options: [], correct: ['a|b'] },
]

t.test('our own format loses nothing', async (t) => {
  const quiz = quizOf([...plain, ...rich], { tags: ['unit'], language: 'en' })
  const file = await imported('podium', exportPodium(quiz))
  t.same(file.skipped, [])
  t.same(file.head, { title: quiz.title, tags: ['unit'], language: 'en' })
  t.same(file.questions, withoutIds(quiz))
  const empty = await imported('podium', exportPodium(quizOf(plain)))
  t.same(empty.head, { title: quiz.title, tags: [], language: undefined })
})

t.test('GIFT and tables bring back every question that they can hold', async (t) => {
  const quiz = quizOf(plain)
  for (const [format, content] of [
    ['gift', exportGift(quiz)],
    ['csv', exportCsv(quiz)],
  ] as const) {
    const { questions, skipped } = await imported(format, content)
    t.same(skipped, [], format)
    t.match(questions, withoutIds(quiz), format)
    t.match(content, 'Nothing is left out')
  }
})

t.test('what GIFT and tables leave out stands at the top, with the numbers of the questions', async (t) => {
  const quiz = quizOf(rich, { tags: ['unit'], language: 'en' })
  const linesOf = (content: string, mark: string) => content.split(/\r?\n/).filter((line) => line.startsWith(mark))
  const gift = exportGift(quiz)
  t.same(
    linesOf(gift, '// Left out').map((line) => line.slice(13)),
    [
      'tags of the quiz',
      'language of the quiz',
      'tags of questions (question 1)',
      'languages of questions (question 1)',
      'media of options (question 1)',
      'empty explanations (question 1)',
      'spaces around texts (question 1)',
      'points (question 1)',
      'time limits (question 1)',
      'difficulties (question 1)',
      'media of questions (question 1)',
      'questions of the kind ordering (question 2)',
      'questions of the kind poll (question 3)',
      'that several options may be chosen (question 4)',
    ],
  )
  t.equal((await imported('gift', gift)).questions.length, rich.length - 2)
  const csv = exportCsv(quiz)
  t.same(
    linesOf(csv, '# Left out').map((line) => line.slice(12)),
    [
      'tags of the quiz',
      'language of the quiz',
      'tags of questions (question 1)',
      'languages of questions (question 1)',
      'media of options (question 1)',
      'empty explanations (question 1)',
      'spaces around texts (question 1)',
      'alt texts of media (question 1)',
      'durations of media (question 1)',
      'accepted texts with a | (question 5)',
      'questions whose accepted texts all have a | (question 6)',
    ],
  )
  const { questions, skipped } = await imported('csv', csv)
  t.same(skipped, [])
  t.match(questions[0], { points: 0, timeLimitSeconds: 7, difficulty: 'hard', media: { url: AUDIO.url } })
  t.equal(questions.length, rich.length - 1)
})

t.test('a file of our own that says what we do not know leaves its questions out', async (t) => {
  const question = { kind: 'true_false', prompt: 'x', correct: true }
  const file = (more: object) => JSON.stringify({ format: 'podium', version: 1, title: 'x', ...more })
  const { questions, skipped } = await imported(
    'podium',
    file({
      questions: [
        question,
        { ...question, colour: 'red' },
        { ...question, points: '5' },
        7,
        { ...question, points: -1 },
      ],
    }),
  )
  t.equal(questions.length, 1)
  t.same(skipped, [
    { index: 1, reason: 'unknown-member' },
    { index: 2, reason: 'unreadable' },
    { index: 3, reason: 'no-question' },
    { index: 4, reason: 'points-minimum' },
  ])
  t.match(await parseFile('podium', file({ version: 2, questions: [question] })), { ok: false, code: 'version' })
  for (const content of ['', '[]', '{}', file({}), file({ questions: [question], tags: 'x' })]) {
    t.match(await parseFile('podium', content), { ok: false, code: 'format' }, content)
  }
})
