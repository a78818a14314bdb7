import { setTimeout as sleep } from 'node:timers/promises'
import type {
  CreateQuizRequest,
  CreateSessionResponse,
  Player,
  PodiumClient,
  PublicQuestion,
  StreamOptions,
} from '../src/index.ts'

/** A game made over the API as an app makes it: quiz, session, players, and its questions one by one. */
export interface Game {
  readonly host: PodiumClient
  readonly session: CreateSessionResponse
  readonly players: readonly Player[]
}

/** Marks the key of question i in its explanation: no player may see this text before the question closes. */
export const canary = (index: number): string => `canary-explanation-${index}`

/** The right choice of question i of `quizOf`, and a wrong one. */
export const rightChoice = (index: number): number => (index % 2 === 0 ? index % 4 : 1)
export const wrongChoice = (index: number): number => (index % 2 === 0 ? (index + 1) % 4 : 0)

/** A quiz of single_choice (even) and true_false (odd) questions. */
export const quizOf = (count: number): CreateQuizRequest => ({
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

export interface GameOptions {
  /** A nickname each. */
  readonly players: readonly string[]
  /** Default `quizOf(3)`. */
  readonly quiz?: CreateQuizRequest
  readonly questions?: number
  readonly settings?: Record<string, unknown>
  /** Default: by turns over WebSocket and SSE. `none`: the players have no streams until they connect by themselves. */
  readonly stream?: StreamOptions | 'none'
}

const PARALLEL_JOINS = 64
const TRANSITION_MS = 15_000

/** Creates quiz and session and lets the players join by id or join code; the session is still in its lobby. */
export const createGame = async (
  clients: {
    readonly host: () => Promise<PodiumClient>
    readonly user: (nickname: string) => Promise<PodiumClient>
    /** Called with every player before its stream connects. */
    readonly onPlayer?: (player: Player) => void
  },
  { players: nicknames, quiz, questions = 3, settings, stream }: GameOptions,
): Promise<Game> => {
  const host = await clients.host()
  const { quizId } = await host.createQuiz(quiz ?? quizOf(questions))
  const session = await host.createSession({
    quizId,
    settings: { startDelaySeconds: 0, revealSeconds: 0.3, timeLimitSeconds: 20, ...settings },
  })
  const players: Player[] = []
  await forEachOf(nicknames, PARALLEL_JOINS, async (nickname, index) => {
    const client = await clients.user(nickname)
    const place = index % 2 === 0 ? session.sessionId : session.joinCode
    const transport = index % 2 === 0 ? 'ws' : 'sse'
    const player = await client.join(place, { nickname, transport, ...(stream !== 'none' && stream) })
    players[index] = player
    clients.onPlayer?.(player)
  })
  if (stream !== 'none') await Promise.all(players.map((player) => player.connect()))
  return { host, session, players }
}

/**
 * Closes the question that is open, opens the next one, or the first of a session in its lobby, and resolves once every
 * connected player has it and answers are taken.
 */
export const openNextQuestion = async ({ host, session, players }: Game): Promise<PublicQuestion> => {
  const { sessionId } = session
  let { status } = await host.session(sessionId)
  if (status === 'question_open') {
    // It may close by itself meanwhile, as every player has answered.
    await host.control(sessionId, 'close').catch(() => undefined)
    status = (await stateOf(host, sessionId, (state) => state.status !== 'question_open')).status
  }
  const opened = players.filter((player) => player.status !== 'idle').map((player) => player.next('question.opened'))
  await host.control(sessionId, status === 'lobby' ? 'start' : 'next')
  const { question } = await stateOf(host, sessionId, (state) => state.status === 'question_open')
  if (question === undefined) throw new Error('an open question that is not shown')
  await Promise.all(opened)
  await waitUntil(question.opensAt)
  return question
}

const stateOf = async (
  host: PodiumClient,
  sessionId: string,
  fits: (state: Awaited<ReturnType<PodiumClient['session']>>) => boolean,
) => {
  const deadline = performance.now() + TRANSITION_MS
  for (;;) {
    const state = await host.session(sessionId)
    if (fits(state)) return state
    if (performance.now() > deadline) throw new Error(`the session is still ${state.status}`)
    await sleep(20)
  }
}

/** Sleeps until just after a time of the server, whose clock is this machine's too. */
export const waitUntil = (at: number): Promise<void> => sleep(Math.max(0, at - Date.now()) + 20)

/** Calls `work` for every item, so many at a time; rejects with the first failure. */
export const forEachOf = async <T>(
  items: readonly T[],
  parallel: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> => {
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker))
}
