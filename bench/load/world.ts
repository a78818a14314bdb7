import { setTimeout as sleep } from 'node:timers/promises'
import { create, toBinary } from '@bufbuild/protobuf'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { createClient, type PodiumClient } from '#client'
import { GetSessionRequestSchema, JoinRequestSchema } from '#gen/command_pb'
import { natsOptions } from '#platform/nats'
import { sendCommand } from '#platform/rpc'
import type { Stack } from '../../deploy/local/stack.ts'
import { forEachOf } from '../lib/pool.ts'
import type { LoadPlayer } from './messages.ts'

export interface WorldOptions {
  readonly sessions: number
  /** Of each session. */
  readonly players: number
  readonly questions: number
  /** Small sessions besides, in which one player sees the scores of the others. */
  readonly watchedSessions: number
  /** All players answer over WebSockets of their own. */
  readonly overSockets: boolean
}

/** Sessions with players in them, ready to be asked. */
export interface World {
  readonly sessionIds: readonly string[]
  readonly players: readonly LoadPlayer[]
  /** Opens question `index` everywhere; resolves with the question ids, by session id, once answers are taken. */
  open(index: number): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

/** As many as the top of a board shows. */
const WATCHED_PLAYERS = 10

/** Longer than any wave. */
const TIME_LIMIT_SECONDS = 300

/** Every question's right option: 0. */
export const RIGHT_CHOICE = 0

export const createWorld = async (stack: Stack, options: WorldOptions): Promise<World> => {
  const token = await stack.issuer.token({ sub: 'bench', name: 'Bench', roles: ['host'] })
  const host = createClient({ baseUrl: stack.urls.edge, token, requestTimeoutMs: 30_000 })
  const { quizId } = await host.createQuiz({
    title: 'Load',
    questions: Array.from({ length: options.questions }, (_, index) => ({
      kind: 'single_choice' as const,
      prompt: `Question ${index}`,
      options: ['a', 'b', 'c', 'd'],
      correct: RIGHT_CHOICE,
    })),
  })
  const sizes = [
    ...Array<number>(options.sessions).fill(options.players),
    ...Array<number>(options.watchedSessions).fill(WATCHED_PLAYERS),
  ]
  const sessionIds: string[] = []
  await forEachOf(sizes, 8, async (size, index) => {
    sessionIds[index] = await createSession(host, quizId, size)
  })
  const seats = sessionIds.flatMap((sessionId, at) =>
    Array.from({ length: sizes[at] ?? 0 }, (_, place) => ({ sessionId, place, isWatched: at >= options.sessions })),
  )
  const players: LoadPlayer[] = []
  // As an edge: `session` may reply to no other inbox.
  const nats = await connect(natsOptions(stack.urlsOf('edge').nats, 'edge'))
  // Straight over the bus: what is measured are answers, and this many joins would take the edge as long.
  await forEachOf(seats, 200, async ({ sessionId, place, isWatched }, index) => {
    const request = create(JoinRequestSchema, { session: sessionId, nickname: `P${place}` })
    const joined = await sendCommand(nats, 'session-join', toBinary(JoinRequestSchema, request), 'join', {
      timeoutMs: 20_000,
    })
    const watches = isWatched && place === 0
    const hasSocket = options.overSockets || watches
    players[index] = { sessionId, playerId: joined.playerId, token: joined.token, hasSocket, isWatched, watches }
  })
  return {
    sessionIds,
    players,
    open: (index) => openEverywhere(host, nats, sessionIds, index),
    close: () => nats.close(),
  }
}

const createSession = async (host: PodiumClient, quizId: string, size: number): Promise<string> => {
  const { sessionId } = await host.createSession({
    quizId,
    settings: {
      access: 'guests',
      advance: 'manual',
      maxParticipants: size,
      startDelaySeconds: 0,
      timeLimitSeconds: TIME_LIMIT_SECONDS,
      closeWhenAllAnswered: false,
    },
  })
  return sessionId
}

const openEverywhere = async (
  host: PodiumClient,
  nats: NatsConnection,
  sessionIds: readonly string[],
  index: number,
) => {
  const questionIds: Record<string, string> = {}
  let opensAt = 0
  await forEachOf(sessionIds, 16, async (sessionId) => {
    if (index > 0) await host.control(sessionId, 'close')
    await host.control(sessionId, index === 0 ? 'start' : 'next')
    const question = await openQuestion(nats, sessionId, index)
    questionIds[sessionId] = question.questionId
    opensAt = Math.max(opensAt, question.opensAtMs)
  })
  await sleep(Math.max(0, opensAt - Date.now()) + 50)
  return questionIds
}

/** Past the edge, which would keep a live board for whoever asks. */
const openQuestion = async (nats: NatsConnection, sessionId: string, index: number) => {
  const request = toBinary(GetSessionRequestSchema, create(GetSessionRequestSchema, { sessionId }))
  for (;;) {
    const { state } = await sendCommand(nats, 'session-get', request, 'session')
    if (state?.question?.index === index) return state.question
    await sleep(20)
  }
}
