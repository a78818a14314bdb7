import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadQuiz, readSettings, UsageError } from '../settings.ts'

t.test('defaults, and what the environment says', async (t) => {
  const settings = readSettings([], { PLAYERS: '' })
  t.match(settings, { players: 100, questions: 10, seed: '1' })
  t.ok(existsSync(settings.quizPath))
  t.strictSame(readSettings([], { PLAYERS: '3', QUESTIONS: '2', QUIZ: 'a.json', SEED: 'x' }), {
    players: 3,
    questions: 2,
    quizPath: 'a.json',
    seed: 'x',
  })
})

t.test('unusable settings are refused', async (t) => {
  for (const env of [{ PLAYERS: '0' }, { PLAYERS: '2001' }, { QUESTIONS: '1.5' }, { QUESTIONS: 'ten' }]) {
    t.throws(() => readSettings([], env), UsageError, JSON.stringify(env))
  }
  t.throws(() => readSettings(['--players'], {}), UsageError)
})

t.test('the first questions of a file of either form are taken', async (t) => {
  const dir = t.testdir({})
  const write = (name: string, document: unknown) => {
    writeFileSync(join(dir, name), JSON.stringify(document))
    return join(dir, name)
  }
  const results = Array.from({ length: 20 }, (_, index) => ({ question: `Question ${index}` }))
  const trivia = loadQuiz(write('trivia.json', { response_code: 0, results }), 4)
  t.match(trivia, { format: 'opentdb', title: 'trivia.json' })
  t.strictSame('content' in trivia && JSON.parse(trivia.content), { response_code: 0, results: results.slice(0, 4) })
  const questions = [
    { kind: 'fill_blank', prompt: 'a', correct: ['b'] },
    { kind: 'true_false', prompt: 'c', correct: true },
  ]
  t.strictSame(loadQuiz(write('own.json', { title: 'Mixed', questions }), 1), {
    title: 'Mixed',
    questions: questions.slice(0, 1),
  })
  for (const [name, document] of [
    ['other.json', { questions: 3 }],
    ['null.json', null],
  ] as const) {
    t.throws(() => loadQuiz(write(name, document), 1), UsageError)
  }
  t.throws(() => loadQuiz(join(dir, 'missing.json'), 1), /missing\.json cannot be read/)
})
