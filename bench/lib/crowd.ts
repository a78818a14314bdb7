import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { create, toBinary } from '@bufbuild/protobuf'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { createClient, newAnswerId, type PodiumClient } from '#client'
import { GetSessionRequestSchema, JoinRequestSchema } from '#gen/command_pb'
import { natsOptions } from '#platform/nats'
import { sendCommand } from '#platform/rpc'
import type { Stack } from '../../deploy/local/stack.ts'
import { verifySession } from '../../services/verify/index.ts'
import { forEachOf } from './processes.ts'
import type { Check } from './scenario.ts'
import { monotonicMs } from './statistics.ts'

/** A session on a running stack, with its host and players. */
export interface Crowd {
  readonly sessionId: string
  readonly players: readonly { readonly playerId: string; readonly token: string }[]
  /** Closes the question that is open, opens the next one and resolves with its id when answers to it are admitted. */
  openNextQuestion(): Promise<string>
  /** Out of the lobby, for sessions that move on by themselves. */
  start(): Promise<void>
}

export type SessionSettings = NonNullable<Parameters<PodiumClient['createSession']>[0]['settings']>

/** Option of every question that is right, of four. */
export const RIGHT_CHOICE = 1

const PARALLEL_JOINS = 64
const TRANSITION_MS = 15_000

/** A host of its own for every session: a user may send only so many commands a second. */
export const hostOf = async (stack: AnyStack): Promise<PodiumClient> =>
  createClient({
    baseUrl: stack.urls.edge,
    token: await stack.issuer.token({ sub: `bench-${randomUUID()}`, name: 'Bench', roles: ['host'] }),
    requestTimeoutMs: TRANSITION_MS,
  })

const questionsOf = (count: number, timeLimitSeconds?: number) =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'single_choice' as const,
    prompt: `Which one is right, for the ${index + 1}. time?`,
    options: ['This one', 'That one', 'The other one', 'None of them'],
    correct: RIGHT_CHOICE,
    ...(timeLimitSeconds !== undefined && { timeLimitSeconds }),
  }))

/** A session in the lobby. */
export const createSession = async (host: PodiumClient, questions: number, settings: SessionSettings) => {
  const { quizId } = await host.createQuiz({
    title: 'Bench',
    questions: questionsOf(questions),
  })
  const { sessionId } = await host.createSession({
    quizId,
    settings: { access: 'guests', reveal: 'immediate', ...settings },
  })
  return sessionId
}

/** Crowds of the given sizes whose questions are opened one by one. Players join over the bus: their answers are measured, not their joins. */
export const createCrowds = async (
  stack: Stack,
  sizes: readonly number[],
  questions: number,
  settings: SessionSettings = {},
): Promise<{ readonly crowds: readonly Crowd[]; close(): Promise<void> }> => {
  // As an edge: `session` may reply to no other inbox.
  const nats = await connect(natsOptions(stack.urlsOf('edge').nats, 'edge'))
  const crowds: Crowd[] = []
  await forEachOf(sizes, 8, async (size, index) => {
    const host = await hostOf(stack)
    const sessionId = await createSession(host, questions, {
      advance: 'manual',
      startDelaySeconds: 0,
      timeLimitSeconds: 300,
      maxParticipants: Math.max(2, size),
      closeWhenAllAnswered: false,
      ...settings,
    })
    const players: { playerId: string; token: string }[] = []
    await forEachOf([...Array(size).keys()], PARALLEL_JOINS, async (place) => {
      const request = create(JoinRequestSchema, { session: sessionId, nickname: `Player ${place}` })
      const bytes = toBinary(JoinRequestSchema, request)
      const { playerId, token } = await sendCommand(nats, 'session-join', bytes, 'join', { timeoutMs: 20_000 })
      players[place] = { playerId, token }
    })
    crowds[index] = {
      sessionId,
      players,
      openNextQuestion: () => openNext(host, sessionId, () => phaseOverBus(nats, sessionId)),
      start: async () => void (await host.control(sessionId, 'start')),
    }
  })
  return { crowds, close: () => nats.close() }
}

/** What of a session's state the bench looks at. */
interface Phase {
  readonly status: string
  readonly question?: { readonly questionId: string; readonly opensAt: number } | undefined
}

const openNext = async (host: PodiumClient, sessionId: string, phaseOf: () => Promise<Phase>): Promise<string> => {
  let state = await phaseOf()
  if (state.status === 'question_open') {
    // It may be closing by itself, when all have answered.
    await host.control(sessionId, 'close').catch(() => undefined)
    state = await reach(phaseOf, ({ status }) => status !== 'question_open')
  }
  await host.control(sessionId, state.status === 'lobby' ? 'start' : 'next')
  const { question } = await reach(phaseOf, ({ status }) => status === 'question_open')
  if (question === undefined) throw new Error('an open question that is not shown')
  // Of the same machine: the clocks are one.
  await sleep(Math.max(0, question.opensAt - Date.now()) + 20)
  return question.questionId
}

/** The same on a stack of another commit, over what stays the same between versions: the public API. */
export const createCrowdsOverHttp = async (
  stack: AnyStack,
  sizes: readonly number[],
  questions: number,
): Promise<readonly Crowd[]> => {
  const guest = createClient({ baseUrl: stack.urls.edge })
  const crowds: Crowd[] = []
  await forEachOf(sizes, 4, async (size, index) => {
    const host = await hostOf(stack)
    const { quizId } = await host.createQuiz({ title: 'Bench', questions: questionsOf(questions, 300) })
    const { sessionId } = await host.createSession({
      quizId,
      settings: {
        access: 'guests',
        advance: 'manual',
        startDelaySeconds: 0,
        maxParticipants: Math.max(2, size),
        closeWhenAllAnswered: false,
      },
    })
    const players: { playerId: string; token: string }[] = []
    await forEachOf([...Array(size).keys()], PARALLEL_JOINS, async (place) => {
      const { playerId, token } = await guest.join(sessionId, { nickname: `Player ${place}` })
      players[place] = { playerId, token }
    })
    crowds[index] = {
      sessionId,
      players,
      openNextQuestion: () => openNext(host, sessionId, () => host.session(sessionId)),
      start: async () => void (await host.control(sessionId, 'start')),
    }
  })
  return crowds
}

/** Past the edge, which would keep a live board for the session. */
const phaseOverBus = async (nats: NatsConnection, sessionId: string): Promise<Phase> => {
  const request = toBinary(GetSessionRequestSchema, create(GetSessionRequestSchema, { sessionId }))
  const { state } = await sendCommand(nats, 'session-get', request, 'session')
  if (state === undefined) throw new Error('a session without a state')
  const { status, question } = state
  return { status, question: question && { questionId: question.questionId, opensAt: question.opensAtMs } }
}

const reach = async (phaseOf: () => Promise<Phase>, isReached: (phase: Phase) => boolean): Promise<Phase> => {
  const deadline = performance.now() + TRANSITION_MS
  for (;;) {
    const phase = await phaseOf()
    if (isReached(phase)) return phase
    if (performance.now() > deadline) throw new Error(`the session is still ${phase.status}`)
    await sleep(20)
  }
}

/** The answer of one player as a request. */
export const answerRequest = (sessionId: string, token: string, questionId: string, choice = RIGHT_CHOICE) => ({
  sessionId,
  questionId,
  path: `/v1/sessions/${sessionId}/answers`,
  token,
  body: JSON.stringify({ answerId: newAnswerId(), questionId, choice }),
})

/** Opens the next question of every crowd and resolves with the right answer of every player, in their order. */
export const openEverywhere = async (crowds: readonly Crowd[]) => {
  const lists: ReturnType<typeof answerRequest>[][] = []
  await forEachOf(crowds, 16, async (crowd, index) => {
    const questionId = await crowd.openNextQuestion()
    lists[index] = crowd.players.map(({ token }) => answerRequest(crowd.sessionId, token, questionId))
  })
  return lists.flat()
}

/** What a stack has on its servers, whichever version of Podium it is. */
export type AnyStack = Pick<Stack, 'processes'> & {
  readonly urls: Stack['urls']
  readonly issuer: Pick<Stack['issuer'], 'token'>
}

/** On the way of an answer to its board; one of each at least, under these names in every version. */
const WORKERS = /^(evaluator|scorer|leaderboard)/

/** Resolves with the monotonic time at which evaluator, scorer and leaderboard had nothing left to do. */
export const watchBacklog = async ({
  urls,
}: Pick<AnyStack, 'urls'>): Promise<{ empty(): Promise<number>; close(): Promise<void> }> => {
  const nats = await connect(natsOptions(urls.nats, 'admin'))
  const manager = await jetstreamManager(nats)
  const hops: [stream: string, durable: string][] = []
  for await (const { config } of manager.streams.list()) {
    for await (const consumer of manager.consumers.list(config.name)) {
      if (WORKERS.test(consumer.name)) hops.push([config.name, consumer.name])
    }
  }
  const left = async (): Promise<number> => {
    const infos = await Promise.all(hops.map(([stream, durable]) => manager.consumers.info(stream, durable)))
    return infos.reduce((sum, { num_pending, num_ack_pending }) => sum + num_pending + num_ack_pending, 0)
  }
  const empty = async (): Promise<number> => {
    for (const deadline = monotonicMs() + 60_000; monotonicMs() < deadline; ) {
      const at = monotonicMs()
      // Twice, as something may be between two consumers.
      if ((await left()) === 0 && (await left()) === 0) return at
      await sleep(10)
    }
    throw new Error('the workers do not catch up')
  }
  return { empty, close: () => nats.close() }
}

/** Folds the sessions again and compares ledger, totals, boards and the stream of answers with the result. */
export const verifyChecks = async (
  { urls }: Stack,
  sessionIds: readonly string[],
  accepted?: number,
): Promise<readonly Check[]> => {
  let [answers, differences] = [0, 0]
  await forEachOf(sessionIds, 4, async (sessionId) => {
    const sources = { databaseUrl: urls.postgres, redisUrl: urls.redis, natsUrl: urls.nats }
    const report = await verifySession({ sessionId, ...sources, waitMs: 20_000 })
    answers += report.answers
    if (!report.equal) differences += Math.max(1, report.differenceCount)
  })
  return [
    {
      sentence: `accepted answers, ledger, totals and boards of ${sessionIds.length} sessions agree (${differences} differences)`,
      holds: differences === 0,
    },
    ...(accepted === undefined
      ? []
      : [{ sentence: `${accepted} accepted answers are ${answers} rows of the ledger`, holds: answers === accepted }]),
  ]
}
