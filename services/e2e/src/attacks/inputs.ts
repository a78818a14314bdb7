import { randomUUID } from 'node:crypto'
import { openRaw } from '../raw-connection.ts'
import { parseResponse } from '../raw-response.ts'
import type { Target } from '../target.ts'
import { ask, attacksOf, describe, head, openGame, outcome, summary } from './attack.ts'

/** Opens an event stream with some Last-Event-ID and says what it begins with. */
const resume = async (target: Target, lastEventId: string | Buffer): Promise<string> => {
  const { game } = await openGame(target)
  const { token } = await game.join()
  const connection = await openRaw(target.port)
  const [before = '', after = ''] = head(
    `GET /v1/sessions/${game.sessionId}/events HTTP/1.1`,
    `Authorization: Bearer ${token}`,
    'Last-Event-ID: @',
  ).split('@')
  connection.write(Buffer.concat([Buffer.from(before), Buffer.from(lastEventId), Buffer.from(after)]))
  await connection.quiet(400)
  connection.destroy()
  const parsed = parseResponse(connection.received())
  const first = /^event: ?(.+)$/m.exec(connection.received().toString())?.[1]
  return parsed?.response.status === 200 && first !== undefined ? `200, ${first}` : describe(connection)
}

/** Position of a session that the caller of `resume` is no player of. */
const positionElsewhere = async (target: Target): Promise<string> => {
  const other = await target.game()
  const { token } = await other.join()
  const connection = await openRaw(target.port)
  connection.write(head(`GET /v1/sessions/${other.sessionId}/events HTTP/1.1`, `Authorization: Bearer ${token}`))
  await connection.quiet(400)
  connection.destroy()
  return /^id: ?(\d+)$/m.exec(connection.received().toString())?.[1] ?? ''
}

const SNAPSHOT = '200, session.snapshot'

export const sseAttacks = attacksOf('SSE: Last-Event-ID', [
  ['negative', SNAPSHOT, (target) => resume(target, '-1')],
  ['2^63', SNAPSHOT, (target) => resume(target, '9223372036854775808')],
  ['2^53', SNAPSHOT, (target) => resume(target, '9007199254740992')],
  ['1e3', SNAPSHOT, (target) => resume(target, '1e3')],
  ['no number', SNAPSHOT, (target) => resume(target, 'NaN')],
  ['empty', SNAPSHOT, (target) => resume(target, '')],
  ['of another session', SNAPSHOT, async (target) => resume(target, await positionElsewhere(target))],
  ['of the future', SNAPSHOT, (target) => resume(target, '999999999')],
  ['with a line feed', '400, closed', (target) => resume(target, '1\nevent: question.closed')],
  ['not ASCII', SNAPSHOT, (target) => resume(target, Buffer.from('１２'))],
  ['10 kB', '431, closed', (target) => resume(target, '1'.repeat(10_000))],
])

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

/** What an id must not be: signs of subjects, of paths and of other languages, too much, and nothing. */
const BAD_IDS = ['.', '*', '%3E', 'a'.repeat(300), '..%2f..%2f', '%00', "'%20OR%201=1--", '%F0%28%8C%28', 'null', '0']

const everyId =
  (path: (id: string) => string, method = 'GET') =>
  async (target: Target): Promise<string> => {
    const token = await target.token('Host of nothing', ['host'])
    const outcomes: string[] = []
    for (const id of BAD_IDS) {
      outcomes.push(await ask(target, head(`${method} ${path(id)} HTTP/1.1`, `Authorization: Bearer ${token}`)))
    }
    return summary(outcomes)
  }

export const idAttacks = attacksOf('Ids: . * > 300 characters, paths, NUL, SQL', [
  ['of a quiz', '404 not-found', everyId((id) => `/v1/quizzes/${id}`)],
  ['of a session', '404 not-found', everyId((id) => `/v1/sessions/${id}`)],
  ['of a session to start', '404 not-found', everyId((id) => `/v1/sessions/${id}/start`, 'POST')],
  ['of a session’s leaderboard', '404 not-found', everyId((id) => `/v1/sessions/${id}/leaderboard`)],
  ['of a session’s events', '404 not-found', everyId((id) => `/v1/sessions/${id}/events`)],
  ['of a session’s results', '404 not-found', everyId((id) => `/v1/sessions/${id}/results`)],
  ['of a session to join', '400 session-not-found', everyId((id) => `/v1/sessions/${id}/join`, 'POST')],
  [
    'of a player',
    '404 not-found',
    async (target) => {
      const { game } = await openGame(target)
      const path = (id: string) => `/v1/sessions/${game.sessionId}/players/${id}`
      const outcomes: string[] = []
      for (const id of BAD_IDS)
        outcomes.push(await ask(target, head(`DELETE ${path(id)} HTTP/1.1`, `Authorization: Bearer ${game.hostToken}`)))
      return summary(outcomes)
    },
  ],
  [
    'of a question',
    '400 question-not-in-quiz',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      const outcomes: string[] = []
      for (const questionId of ['.', '*', '>', 'x'.repeat(64), randomUUID(), '']) {
        outcomes.push(outcome(await game.answer(token, { questionId, choice: 0 })))
      }
      return summary(outcomes)
    },
  ],
  [
    'of an answer',
    '400 malformed',
    async (target) => {
      const { game, questionId } = await openGame(target)
      const { token } = await game.join()
      const outcomes: string[] = []
      for (const answerId of ['.', 'a.b', '*', '>', '', 'x'.repeat(65), 'a b', 'é']) {
        outcomes.push(outcome(await game.answer(token, { answerId, questionId, choice: 0 })))
      }
      return summary(outcomes)
    },
  ],
  [
    'another host’s quiz',
    '404 not-found',
    async (target) => {
      const { game } = await openGame(target)
      return outcome(
        await target.http('GET', `/v1/quizzes/${game.quizId}`, { token: await target.token('Rival', ['host']) }),
      )
    },
  ],
  [
    'another host’s session to end',
    '404 not-found',
    async (target) => {
      const { game } = await openGame(target)
      return outcome(
        await target.http('POST', `/v1/sessions/${game.sessionId}/end`, {
          token: await target.token('Rival', ['host']),
        }),
      )
    },
  ],
  [
    'another host’s quiz for a session',
    '404 not-found',
    async (target) => {
      const { game } = await openGame(target)
      return post(target, '/v1/sessions', `{"quizId":"${game.quizId}"}`, await target.token('Rival', ['host']))
    },
  ],
  [
    'a player of another session to remove',
    '404 not-found',
    async (target) => {
      const { game } = await openGame(target)
      const { playerId } = await (await target.game()).join()
      const path = `/v1/sessions/${game.sessionId}/players/${playerId}`
      return outcome(await target.http('DELETE', path, { token: game.hostToken }))
    },
  ],
])
