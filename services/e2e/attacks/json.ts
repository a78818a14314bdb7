import { randomUUID } from 'node:crypto'
import type { Target } from '../target.ts'
import { attacksOf, openGame, outcome } from './attack.ts'

const post = async (target: Target, path: string, body: string, token?: string): Promise<string> =>
  outcome(await target.http('POST', path, { token: token ?? (await target.token('Writer', ['host'])), body }))

const quiz = (question: string): string => `{"title":"Quiz","questions":[${question}]}`
const QUESTION = '{"kind":"true_false","prompt":"Is it?","correct":true}'

/** An answer to the open question, made by hand. */
const answer = async (target: Target, members: string): Promise<string> => {
  const { game, questionId, answersPath } = await openGame(target)
  const { token } = await game.join()
  return post(target, answersPath, `{"answerId":"${randomUUID()}","questionId":"${questionId}",${members}}`, token)
}

const MALFORMED = '400 malformed'

export const jsonAttacks = attacksOf('JSON', [
  ['__proto__ in a body', MALFORMED, (target) => answer(target, '"choice":0,"__proto__":{"role":"host"}')],
  ['constructor in a body', MALFORMED, (target) => answer(target, '"choice":0,"constructor":{"prototype":{}}')],
  [
    '__proto__ in settings',
    MALFORMED,
    async (target) => {
      const { game } = await openGame(target)
      const body = `{"quizId":"${game.quizId}","settings":{"__proto__":{"access":"guests"}}}`
      return post(target, '/v1/sessions', body, game.hostToken)
    },
  ],
  ['a key twice: the last one counts', '202', (target) => answer(target, '"choice":"x","choice":0')],
  [
    '100,000 levels',
    MALFORMED,
    (target) => post(target, '/v1/quizzes', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  ],
  [
    '30,000 objects in each other',
    MALFORMED,
    (target) => post(target, '/v1/quizzes', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`),
  ],
  [
    'levels where the schema allows anything',
    MALFORMED,
    (target) =>
      post(
        target,
        '/v1/quizzes',
        quiz(`{"kind":"true_false","prompt":"x","correct":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
      ),
  ],
  ['1e400', MALFORMED, (target) => answer(target, '"choice":1e400')],
  ['2^53 + 1', '400 answer-invalid', (target) => answer(target, '"choice":9007199254740993')],
  ['-0', '202', (target) => answer(target, '"choice":-0')],
  ['NaN', MALFORMED, (target) => answer(target, '"choice":NaN')],
  [
    'half a surrogate pair in a title',
    MALFORMED,
    (target) => post(target, '/v1/quizzes', `{"title":"\\ud800","questions":[${QUESTION}]}`),
  ],
  [
    'half a surrogate pair in a nickname',
    MALFORMED,
    async (target) => {
      const { game } = await openGame(target)
      const token = await target.token('Halves')
      return post(target, `/v1/sessions/${game.sessionId}/join`, '{"nickname":"\\udc00x"}', token)
    },
  ],
  [
    'NUL in a title',
    MALFORMED,
    (target) => post(target, '/v1/quizzes', `{"title":"a\\u0000b","questions":[${QUESTION}]}`),
  ],
  [
    'NUL in a prompt',
    MALFORMED,
    (target) => post(target, '/v1/quizzes', quiz('{"kind":"true_false","prompt":"a\\u0000b","correct":true}')),
  ],
  ['a byte order mark', MALFORMED, (target) => answer(target, '"choice":0}\ufeff')],
  ['score in an answer', MALFORMED, (target) => answer(target, '"choice":0,"score":1000')],
  ['playerId in an answer', MALFORMED, (target) => answer(target, `"choice":0,"playerId":"${randomUUID()}"`)],
  [
    'role in a join',
    MALFORMED,
    async (target) => {
      const { game } = await openGame(target)
      return post(target, `/v1/sessions/${game.sessionId}/join`, '{"role":"host"}', await target.token('Climber'))
    },
  ],
  [
    'playerId in a join',
    MALFORMED,
    async (target) => {
      const { game } = await openGame(target)
      const body = `{"playerId":"${randomUUID()}"}`
      return post(target, `/v1/sessions/${game.sessionId}/join`, body, await target.token('Claimer'))
    },
  ],
  [
    'hostId in a session',
    MALFORMED,
    async (target) => {
      const { game } = await openGame(target)
      return post(target, '/v1/sessions', `{"quizId":"${game.quizId}","hostId":"me"}`, game.hostToken)
    },
  ],
  [
    '100,000 questions',
    '413 too-large',
    (target) => post(target, '/v1/quizzes', quiz(Array(100_000).fill(QUESTION).join(','))),
  ],
  [
    'a pattern that backtracks, as an answerId',
    MALFORMED,
    async (target) => {
      const { game, questionId, answersPath } = await openGame(target)
      const body = { answerId: `${'a'.repeat(3_000)}!`, questionId, choice: 0 }
      return post(target, answersPath, JSON.stringify(body), (await game.join()).token)
    },
  ],
])
