import { randomUUID } from 'node:crypto'
import type { Target } from '../target.ts'
import { ask, attacksOf, head, openGame, outcome, summary } from './attack.ts'

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
      const [token, body] = [await target.token('Rival', ['host']), { quizId: game.quizId }]
      return outcome(await target.http('POST', '/v1/sessions', { token, body }))
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
