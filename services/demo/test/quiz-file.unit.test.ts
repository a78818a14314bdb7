import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createRandom } from '../../client/testing/random.ts'
import { fromOpenTrivia } from '../open-trivia.ts'
import { loadQuiz, QuizFileError } from '../quiz-file.ts'

const multiple = {
  type: 'multiple',
  difficulty: 'hard',
  category: 'Entertainment: Film',
  question: 'Who sang &quot;Don&#039;t You&quot; in &Eacute;t&eacute; &amp; Co.?',
  correct_answer: 'Simple&nbsp;Minds',
  incorrect_answers: ['A &lt;B&gt;', 'U2', 'R.E.M.'],
}
const boolean = {
  type: 'boolean',
  difficulty: 'easy',
  question: 'Is it?',
  correct_answer: 'False',
  incorrect_answers: ['True'],
}

t.test('Open Trivia DB: entities are decoded, the right option is at a random place', async (t) => {
  const places = new Set<unknown>()
  for (let seed = 0; seed < 40; seed++) {
    const question = fromOpenTrivia(multiple, createRandom(seed))
    t.equal(question?.options?.[Number(question.correct)], 'Simple Minds')
    places.add(question?.correct)
  }
  t.strictSame([...places].sort(), [0, 1, 2, 3])
  t.match(fromOpenTrivia(multiple, createRandom(1)), {
    kind: 'single_choice',
    prompt: `Who sang "Don't You" in Été & Co.?`,
    difficulty: 'hard',
    options: new Set(['A <B>', 'U2', 'R.E.M.', 'Simple Minds']),
  })
})

t.test('Open Trivia DB: boolean becomes true_false', async (t) => {
  t.strictSame(fromOpenTrivia(boolean, createRandom(1)), {
    kind: 'true_false',
    prompt: 'Is it?',
    difficulty: 'easy',
    correct: false,
  })
})

t.test('Open Trivia DB: what cannot be played is left out', async (t) => {
  for (const change of [
    { type: 'essay' },
    { question: '' },
    { question: 5 },
    { correct_answer: 'U2' },
    { incorrect_answers: [] },
    { incorrect_answers: 'none' },
    { incorrect_answers: ['x'.repeat(301)] },
    { type: 'boolean', correct_answer: 'Perhaps' },
  ]) {
    t.equal(fromOpenTrivia({ ...multiple, ...change }, createRandom(1)), undefined, JSON.stringify(change))
  }
  t.equal(fromOpenTrivia(null, createRandom(1)), undefined)
})

t.test('the first questions of a file of either form are taken, the same way for the same seed', async (t) => {
  const dir = t.testdir({})
  const write = (name: string, document: unknown) => {
    writeFileSync(join(dir, name), JSON.stringify(document))
    return join(dir, name)
  }
  const results = Array.from({ length: 20 }, (_, index) => ({ ...multiple, question: `Question ${index}` }))
  const trivia = write('trivia.json', { response_code: 0, results: [...results, { type: 'essay' }] })
  const { quiz, skipped } = loadQuiz(trivia, 4, 'seed')
  t.equal(skipped, 1)
  t.strictSame(
    quiz.questions.map(({ prompt }) => prompt),
    ['Question 0', 'Question 1', 'Question 2', 'Question 3'],
  )
  t.strictSame(loadQuiz(trivia, 4, 'seed').quiz, quiz)
  t.equal(loadQuiz(trivia, 99, 'seed').quiz.questions.length, 20)

  const own = write('own.json', {
    title: 'Mixed',
    questions: [
      { kind: 'fill_blank', prompt: 'a', correct: ['b'] },
      { kind: 'true_false', prompt: 'c', correct: true },
    ],
  })
  t.match(loadQuiz(own, 10, 's'), {
    skipped: 0,
    quiz: { title: 'Mixed', questions: [{ prompt: 'a' }, { prompt: 'c' }] },
  })

  for (const [name, document] of [
    ['none.json', { results: [] }],
    ['other.json', { questions: 3 }],
    ['null.json', null],
  ] as const) {
    t.throws(() => loadQuiz(write(name, document), 1, 's'), QuizFileError)
  }
  t.throws(() => loadQuiz(join(dir, 'missing.json'), 1, 's'), /missing\.json cannot be read/)
})
