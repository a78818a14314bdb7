import { existsSync } from 'node:fs'
import t from 'tap'
import { readSettings, UsageError } from '../settings.ts'

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
