import type { CreatedSession, Player, PodiumClient } from '#client'
import type { Podium } from './podium.ts'

/** Marks the key of question i in its explanation: nobody may see this text before the question closes. */
export const canary = (index: number): string => `canary-explanation-${index}`

/** The right choice of question i, and a wrong one. */
export const rightChoice = (index: number): number => (index % 2 === 0 ? index % 4 : 1)
export const wrongChoice = (index: number): number => (index % 2 === 0 ? (index + 1) % 4 : 0)

/** A quiz of single_choice (even) and true_false (odd) questions. */
export const quizOf = (count: number) => ({
  title: 'A test of everything',
  questions: Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? {
          kind: 'single_choice' as const,
          prompt: `Pick option ${index % 4}`,
          options: ['zero', 'one', 'two', 'three'],
          correct: rightChoice(index),
          explanation: canary(index),
        }
      : { kind: 'true_false' as const, prompt: 'Is this wrong?', correct: false, explanation: canary(index) },
  ),
})

export interface Game {
  readonly host: PodiumClient
  readonly session: CreatedSession
  readonly players: readonly Player[]
}

export interface GameOptions {
  readonly questions?: number
  readonly players: readonly string[]
  readonly settings?: Record<string, unknown>
}

/** Creates a session, lets everybody join and connect (by turns over WebSocket and SSE); it is still in its lobby. */
export const createGame = async (
  podium: Pick<Podium, 'host' | 'user' | 'closeAtEnd' | 'judge'>,
  options: GameOptions,
): Promise<Game> => {
  const host = await podium.host()
  const { quizId } = await host.createQuiz(quizOf(options.questions ?? 3))
  const session = await host.createSession({
    quizId,
    settings: { startDelaySeconds: 0, revealSeconds: 0.3, timeLimitSeconds: 20, ...options.settings },
  })
  const players = await Promise.all(
    options.players.map(async (name, index) => {
      const client = await podium.user(name)
      const player = await client.join(index % 2 === 0 ? session.sessionId : session.joinCode, {
        transport: index % 2 === 0 ? 'ws' : 'sse',
      })
      podium.closeAtEnd(player)
      podium.judge(player)
      return player
    }),
  )
  await Promise.all(players.map((player) => player.connect()))
  return { host, session, players }
}

/** Starts the game and waits until every player has the first question. Resolves with that question. */
export const startGame = async ({ host, session, players }: Game) => {
  const opened = players.map((player) => player.next('question.opened'))
  await host.control(session.sessionId, 'start')
  const events = await Promise.all(opened)
  const first = events[0]
  if (first === undefined) throw new Error('a game needs players')
  await waitUntil(first.data.opensAt)
  return first.data
}

/** Sleeps until just after a time of the server (this machine's clock, too). */
export const waitUntil = (at: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now()) + 20))
