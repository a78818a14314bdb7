import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Credentials, createClient, type PodiumClient, type PublicQuestion, type SessionState } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import { verifySession } from '../../services/verify/index.ts'
import { forEachOf } from './pool.ts'

/** A session with its host and players, made over the API as an app would. */
export interface Crowd {
  readonly sessionId: string
  readonly host: PodiumClient
  readonly players: readonly Credentials[]
}

export interface CrowdOptions {
  readonly players: number
  readonly questions: number
  readonly closeWhenAllAnswered?: boolean
}

/** Option of every question that is right. */
export const RIGHT_CHOICE = 1

const PARALLEL_JOINS = 64
const TRANSITION_MS = 15_000

export const hostOf = async (stack: Stack): Promise<PodiumClient> =>
  createClient({
    baseUrl: stack.urls.edge,
    token: await stack.issuer.token({ sub: `bench-${randomUUID()}`, name: 'Bench', roles: ['host'] }),
    requestTimeoutMs: TRANSITION_MS,
  })

/** A session in the lobby whose questions the host opens one by one. */
export const createCrowd = async (stack: Stack, options: CrowdOptions): Promise<Crowd> => {
  const host = await hostOf(stack)
  const { quizId } = await host.createQuiz({
    title: 'Bench',
    questions: Array.from({ length: options.questions }, (_, index) => ({
      kind: 'single_choice' as const,
      prompt: `Which one is right, for the ${index + 1}. time?`,
      options: ['This one', 'That one', 'The other one', 'None of them'],
      correct: RIGHT_CHOICE,
      timeLimitSeconds: 60,
    })),
  })
  const { sessionId } = await host.createSession({
    quizId,
    settings: {
      access: 'guests',
      advance: 'manual',
      startDelaySeconds: 0,
      maxParticipants: Math.max(2, options.players),
      closeWhenAllAnswered: options.closeWhenAllAnswered ?? true,
    },
  })
  const guest = createClient({ baseUrl: stack.urls.edge })
  const players: Credentials[] = []
  await forEachOf([...Array(options.players).keys()], PARALLEL_JOINS, async (index) => {
    const { playerId, token, nickname } = await guest.join(sessionId, { nickname: `Player ${index}` })
    players[index] = { sessionId, playerId, token, nickname }
  })
  return { sessionId, host, players }
}

/** Closes the question that is open, opens the next one and resolves when answers to it are admitted. */
export const openNextQuestion = async ({ host, sessionId }: Crowd): Promise<PublicQuestion> => {
  let { status } = await host.session(sessionId)
  if (status === 'question_open') {
    // It may close by itself meanwhile, as everybody has answered.
    const closed = await host.control(sessionId, 'close').catch(() => undefined)
    status = (closed ?? (await reach(host, sessionId, (state) => state.status !== 'question_open'))).status
  }
  await host.control(sessionId, status === 'lobby' ? 'start' : 'next')
  const { question } = await reach(host, sessionId, ({ status }) => status === 'question_open')
  if (question === undefined) throw new Error('an open question that is not shown')
  // Of the same machine: the clocks are one.
  await sleep(Math.max(0, question.opensAt - Date.now()) + 20)
  return question
}

const reach = async (
  host: PodiumClient,
  sessionId: string,
  isThere: (state: SessionState) => boolean,
): Promise<SessionState> => {
  const deadline = performance.now() + TRANSITION_MS
  for (;;) {
    const state = await host.session(sessionId)
    if (isThere(state)) return state
    if (performance.now() > deadline) throw new Error(`the session is still ${state.status}`)
    await sleep(50)
  }
}

/** Checks of a session's correctness, for the verdict: the ledger, what follows from it, and how much is in it. */
export const ledgerChecks = async (
  { urls }: Stack,
  sessionId: string,
  accepted: number,
): Promise<readonly { readonly sentence: string; readonly holds: boolean }[]> => {
  const { postgres: databaseUrl, redis: redisUrl, nats: natsUrl } = urls
  const report = await verifySession({ sessionId, databaseUrl, redisUrl, natsUrl, waitMs: 20_000 })
  return [
    {
      sentence: `accepted answers, ledger, totals and the board agree (${report.differenceCount} differences)`,
      holds: report.equal,
    },
    {
      sentence: `${accepted} accepted answers are ${report.answers} rows of the ledger`,
      holds: report.answers === accepted,
    },
  ]
}
