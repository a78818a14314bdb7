import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target, TargetGame } from '../target.ts'
import { attacksOf, openGame, outcome, summary } from './attack.ts'

const answerOnce = async (target: Target, members: object): Promise<string> => {
  const { game, questionId } = await openGame(target)
  return outcome(await game.answer((await game.join()).token, { questionId, ...members }))
}

/** Id of the first question before it may be known: the host's copy of the quiz does not have it. */
const questionOf = async (game: TargetGame): Promise<string> =>
  (await game.state()).question?.questionId ?? randomUUID()

/** Answers of many players about the moment in which their question closes by itself. */
const aroundClosing = async (target: Target): Promise<string> => {
  const PLAYERS = 60
  /** Ten well before, ten well after, and forty in between, one a millisecond. */
  const moment = (index: number) => (index < 10 ? -400 : index < 50 ? index - 30 : 300)
  const game = await target.game({ settings: { timeLimitSeconds: 1 } })
  const players = await Promise.all(Array.from({ length: PLAYERS }, () => game.join()))
  const { questionId, closesAt } = await game.start()
  const results = await Promise.all(
    players.map(async ({ token }, index) => {
      await sleep(Math.max(0, closesAt + moment(index) - Date.now()))
      return game.answer(token, { questionId, choice: 0 })
    }),
  )
  const accepted = results.filter(({ status }) => status === 202)
  const late = accepted.filter(({ body }) => body.receivedAt > closesAt + 1)
  const refused = new Set(results.filter(({ status }) => status !== 202).map(outcome))
  for (let patience = 100; (await game.state()).status === 'question_open' && patience > 0; patience--) await sleep(50)
  const { body } = await target.http('GET', `/v1/sessions/${game.sessionId}/results`, { token: game.hostToken })
  const counted = body.questions[0]?.answerCount
  const isExact = counted === accepted.length
  const isSplit = accepted.length > 0 && accepted.length < PLAYERS
  return `early ones 202, late ones ${[...refused].join(', ')}; accepted late: ${late.length}; all accepted counted: ${isExact && isSplit ? 'yes' : `${counted} of ${accepted.length}`}`
}

export const gameAttacks = attacksOf('Game', [
  [
    'an answer before the start',
    '409 question-not-open',
    async (target) => {
      const game = await target.game()
      const { token } = await game.join()
      // Its id is not to be had yet; that of any question of the quiz would not help.
      const { body } = await target.http('GET', `/v1/quizzes/${game.quizId}`, { token: game.hostToken })
      const questionId = body.questions[0]?.questionId ?? (await questionOf(game))
      return outcome(await game.answer(token, { questionId, choice: 0 }))
    },
  ],
  [
    'an answer before its question opens',
    '409 question-not-open',
    async (target) => {
      const game = await target.game({ settings: { startDelaySeconds: 2 } })
      const { token } = await game.join()
      await game.control('start')
      const { body } = await target.http('GET', `/v1/quizzes/${game.quizId}`, { token: game.hostToken })
      return outcome(await game.answer(token, { questionId: body.questions[0]?.questionId, choice: 0 }))
    },
  ],
  [
    'forty answers, one a millisecond, around the closing',
    'early ones 202, late ones 409 question-closed; accepted late: 0; all accepted counted: yes',
    aroundClosing,
  ],
  [
    'an answer after the reveal',
    '409 question-closed',
    async (target) => {
      const game = await target.game()
      const { token } = await game.join()
      const { questionId } = await game.start()
      await game.control('close')
      return outcome(await game.answer(token, { questionId, choice: 0 }))
    },
  ],
  [
    'an answer while paused',
    '409 session-paused',
    async (target) => {
      const game = await target.game()
      const { token } = await game.join()
      const { questionId } = await game.start()
      await game.control('pause')
      return outcome(await game.answer(token, { questionId, choice: 0 }))
    },
  ],
  ['option −1', '400 answer-invalid', (target) => answerOnce(target, { choice: -1 })],
  ['option 1e9', '400 answer-invalid', (target) => answerOnce(target, { choice: 1e9 })],
  ['option 0.5', '400 malformed', (target) => answerOnce(target, { choice: 0.5 })],
  ['all options of a single choice', '400 answer-invalid', (target) => answerOnce(target, { choices: [0, 1, 2, 3] })],
  ['two kinds of answers in one', '400 answer-invalid', (target) => answerOnce(target, { choice: 0, text: 'a' })],
  ['no option at all', '400 answer-invalid', (target) => answerOnce(target, {})],
  [
    'two devices in the same millisecond',
    '1 × 202, 1 × 400 already-answered',
    async (target) => {
      const { game, questionId } = await openGame(target)
      const { token } = await game.join()
      const both = await Promise.all([0, 1].map((choice) => game.answer(token, { questionId, choice })))
      return summary(both.map(outcome).sort())
    },
  ],
  [
    'the same answerId with two contents at once',
    '1 × 202, 1 × 422 answer-id-reused',
    async (target) => {
      const { game, questionId } = await openGame(target)
      const { token } = await game.join()
      const answerId = randomUUID()
      const both = await Promise.all([0, 1].map((choice) => game.answer(token, { answerId, questionId, choice })))
      return summary(both.map(outcome).sort())
    },
  ],
  [
    'an answer after having left: the seat is still theirs',
    '202',
    async (target) => {
      const { game, questionId } = await openGame(target)
      const { token } = await game.join()
      await target.http('POST', `/v1/sessions/${game.sessionId}/leave`, { token })
      return outcome(await game.answer(token, { questionId, choice: 0 }))
    },
  ],
  [
    'a second player of the same user',
    '409 already-joined',
    async (target) => {
      const { game } = await openGame(target)
      await game.join('Twin')
      return outcome(
        await target.http('POST', `/v1/sessions/${game.sessionId}/join`, { token: await target.token('Twin') }),
      )
    },
  ],
  [
    'the host’s commands by a player',
    '403 forbidden',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      const outcomes: string[] = []
      for (const command of ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel']) {
        outcomes.push(outcome(await target.http('POST', `/v1/sessions/${game.sessionId}/${command}`, { token })))
      }
      return summary(outcomes)
    },
  ],
  [
    'a player removed by a player',
    '403 forbidden',
    async (target) => {
      const { game } = await openGame(target)
      const [one, other] = [await game.join(), await game.join()]
      const path = `/v1/sessions/${game.sessionId}/players/${other.playerId}`
      return outcome(await target.http('DELETE', path, { token: one.token }))
    },
  ],
  [
    'the results for a player in mid-game',
    '403 forbidden',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      return outcome(await target.http('GET', `/v1/sessions/${game.sessionId}/results`, { token }))
    },
  ],
  [
    'twenty starts at once',
    '1 × 200, 19 × 409 wrong-state',
    async (target) => {
      const game = await target.game()
      const starts = await Promise.all(Array.from({ length: 20 }, () => game.control('start')))
      return summary(starts.map(outcome).sort())
    },
  ],
  [
    'the open question does not show its key',
    'no key',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      const { body } = await target.http('GET', `/v1/sessions/${game.sessionId}`, { token })
      return /correct"|explanation/.test(JSON.stringify(body)) ? 'the key' : 'no key'
    },
  ],
])
