import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { KINDS } from '../../../game/kinds/kinds.ts'
import { RULE_NAMES } from '../../../game/scoring/rules.ts'
import { loadRequestSchemas } from '../../api/request-schemas.ts'
import { parseText } from '../../http/request.ts'

const schemas = await loadRequestSchemas()

const faultsOf = (work: () => unknown): unknown => {
  try {
    work()
    return 'fine'
  } catch (err) {
    return (err as { errors?: unknown }).errors ?? err
  }
}

t.test('the query of the leaderboard is what the description says', async (t) => {
  t.same(schemas.leaderboard(''), {})
  t.same(schemas.leaderboard('limit=100&around=me&utm=x'), { limit: 100, around: 'me' })
  const bad: readonly [string, object][] = [
    ['limit=0', { pointer: '/limit', code: 'minimum' }],
    ['limit=-5', { pointer: '/limit', code: 'minimum' }],
    ['limit=101', { pointer: '/limit', code: 'maximum' }],
    ['limit=', { pointer: '/limit', code: 'type' }],
    ['limit=1e1', { pointer: '/limit', code: 'type' }],
    ['limit=0x10', { pointer: '/limit', code: 'type' }],
    ['limit=99999999999999999999', { pointer: '/limit', code: 'type' }],
    ['limit=1.5', { pointer: '/limit', code: 'type' }],
    ['around=you', { pointer: '/around', code: 'const' }],
  ]
  for (const [query, fault] of bad)
    t.same(
      faultsOf(() => schemas.leaderboard(query)),
      [fault],
      query,
    )
})

t.test('messages of a WebSocket client are what the description says', async (t) => {
  const check = (message: { type: string }) => faultsOf(() => schemas.messages.get(message.type)?.(message))
  const good: readonly { type: string; ref?: unknown; data?: unknown }[] = [
    { type: 'time', ref: 1 },
    { type: 'time', ref: 'x' },
    { type: 'resume' },
    { type: 'resume', data: { lastEventId: '7' } },
    { type: 'resume', data: { lastEventId: 7 } },
    { type: 'resume', data: null },
    { type: 'answer', ref: 1, data: 'checked later' },
  ]
  for (const message of good) t.equal(check(message), 'fine', JSON.stringify(message))
  t.same(check({ type: 'time' }), [{ pointer: '/ref', code: 'required' }])
  t.same(check({ type: 'time', ref: {} } as never), [{ pointer: '/ref', code: 'type' }])
  t.same(check({ type: 'time', ref: 'x'.repeat(65) } as never), [{ pointer: '/ref', code: 'maxLength' }])
  t.same(check({ type: 'time', ref: 1.5 } as never), [{ pointer: '/ref', code: 'type' }])
  t.same(check({ type: 'time', ref: 1, role: 'host' } as never), [{ pointer: '/role', code: 'additionalProperties' }])
  t.same(check({ type: 'answer', ref: 1 } as never), [{ pointer: '/data', code: 'required' }])
  t.equal(schemas.messages.get('__proto__'), undefined)
})

t.test('names that JavaScript knows are members like others', async (t) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const text = `{"answerId":"a","questionId":"q","choice":0,"${name}":{"playerId":"x"}}`
    const faults = faultsOf(() => schemas.answer(parseText(text)))
    t.same(faults, [{ pointer: `/${name}`, code: 'additionalProperties' }])
  }
  t.equal(({} as Record<string, unknown>).playerId, undefined)
})

t.test('depth does no harm', async (t) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  t.match(
    faultsOf(() => schemas.answer(parseText(deep))),
    [{ pointer: '', code: 'type' }],
  )
  t.match(
    faultsOf(() => schemas.createQuiz(parseText(`{"title":"x","questions":${deep}}`))),
    [{ pointer: String }],
  )
  const withHalf = `${'['.repeat(100_000)}"\\ud800"${']'.repeat(100_000)}`
  t.match(
    faultsOf(() => parseText(withHalf)),
    { code: 'malformed' },
  )
})

t.test('a question is checked by its kind, and each fault is named once', async (t) => {
  const check = (question: object) =>
    faultsOf(() => schemas.createQuiz({ title: 'Quiz', questions: [{ prompt: 'Which?', ...question }] }))
  const options = ['a', 'b']
  t.same(check({ kind: 'single_choice', options, correct: 1 }), 'fine')
  t.same(check({ kind: 'single_choice', options, correct: true }), [{ pointer: '/questions/0/correct', code: 'type' }])
  t.same(check({ kind: 'poll', options, correct: 1 }), [
    { pointer: '/questions/0/correct', code: 'additionalProperties' },
  ])
  t.same(check({ kind: 'essay', correct: 1 }), [{ pointer: '/questions/0/kind', code: 'enum' }])
  t.same(check({ correct: 1 }), [{ pointer: '/questions/0/kind', code: 'required' }])
})

t.test('the form of an answer is left to the question', async (t) => {
  for (const content of [{ choice: 1 }, { text: 'x', number: 1 }, {}]) {
    t.ok(schemas.answer({ answerId: 'a', questionId: 'q', ...content }))
  }
  t.same(
    faultsOf(() => schemas.answer({ choice: 'x', questionId: 'q' })),
    [
      { pointer: '/answerId', code: 'required' },
      { pointer: '/choice', code: 'type' },
    ],
  )
})

t.test('the description names the kinds and the scoring rules that the game has', async (t) => {
  const { schemas } = parse(readFileSync(new URL('../../../../proto/openapi.yaml', import.meta.url), 'utf8')).components
  const kinds = KINDS.map(({ name }) => name)
  t.same(schemas.Kind.enum, kinds)
  t.same(Object.keys(schemas.Question.discriminator.mapping), kinds)
  t.same(
    schemas.Question.oneOf.map(({ $ref }: { $ref: string }) => $ref),
    Object.values(schemas.Question.discriminator.mapping),
  )
  t.same(schemas.Scoring.enum, RULE_NAMES)
  t.same(Object.keys(schemas.SettingsInput.properties), Object.keys(schemas.Settings.properties))
  t.same(schemas.Settings.required, Object.keys(schemas.Settings.properties))
})
