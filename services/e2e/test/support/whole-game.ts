import { createGame, type Game, openNextQuestion, rightChoice, wrongChoice } from '../../../client/testing/game.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { Podium } from './podium.ts'

const NAMES = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Flo']

/** A game whose first question is open; six players, nothing happens by itself. */
export interface OpenGame extends Game {
  readonly questionId: string
  /** Every other player is right. Resolves when all are accepted, however long that takes within the deadline. */
  answerAll(deadlineMs?: number): Promise<void>
  /** Resolves when everything that can be compared says that each of these players has been scored once. */
  isExact(): Promise<void>
}

export const openGame = async (podium: Podium): Promise<OpenGame> => {
  const settings = { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 300, reveal: 'immediate' }
  const game = await createGame(podium, { players: NAMES, settings })
  const { questionId } = await openNextQuestion(game)
  const { sessionId } = game.session
  return {
    ...game,
    questionId,
    answerAll: async (deadlineMs = 30_000) => {
      await Promise.all(
        game.players.map((player, index) =>
          player.answer(questionId, { choice: index % 2 === 0 ? rightChoice(0) : wrongChoice(0) }, { deadlineMs }),
        ),
      )
    },
    isExact: async () => {
      const check = async () => {
        const { questions, players } = await game.host.results(sessionId)
        const isCounted = questions[0]?.answerCount === NAMES.length
        const areRight = players.filter(({ correctAnswers }) => correctAnswers === 1).length === NAMES.length / 2
        if (!isCounted || !areRight) return false
        const { top } = await game.host.leaderboard(sessionId)
        const isShown = players.every(
          ({ playerId, score }) => top.find((row) => row.playerId === playerId)?.score === score,
        )
        return isShown && (await podium.differences(sessionId)).length === 0
      }
      await eventually(check, { timeoutMs: 30_000, intervalMs: 100, what: 'ledger, totals, boards and edges agree' })
    },
  }
}
