import { create, fromJson, type JsonValue, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  ControlRequestSchema,
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  QuestionIdsRequestSchema,
  RemovePlayerRequestSchema,
  ResultsRequestSchema,
  RosterRequestSchema,
} from '#gen/command_pb'
import type { SessionSettingsSchema } from '#gen/feed_pb'
import { PodiumError } from '#platform/errors'
import { sendCommand } from '#platform/rpc'

export interface QuestionJson {
  readonly kind: string
  readonly prompt: string
  readonly options?: string[]
  readonly correct: JsonValue
  readonly points?: number
  readonly timeLimitSeconds?: number
}

export const single = (prompt: string, correct = 0, more: Partial<QuestionJson> = {}): QuestionJson => ({
  kind: 'single_choice',
  prompt,
  options: ['a', 'b', 'c'],
  correct,
  ...more,
})

type Settings = MessageInitShape<typeof SessionSettingsSchema>

/** Quick settings for tests that do not want to wait; nothing happens by itself but the countdown. */
export const quick: Settings = { startDelaySeconds: 0, revealSeconds: 0, advance: 'manual', timeLimitSeconds: 60 }

const user = (userId: string, roles: string[] = []) => ({ userId, name: userId, roles })

/** The requests of an edge on behalf of a host and of players. */
export const createClient = (nc: NatsConnection, hostId = 'host') => {
  const actor = user(hostId, ['host'])
  const createQuiz = async (questions: readonly QuestionJson[], title = 'Quiz') => {
    const request = create(CreateQuizRequestSchema, {
      actor,
      title,
      questions: questions.map(({ correct, ...question }) => ({
        ...question,
        correct: fromJson(ValueSchema, correct),
      })),
    })
    return (await sendCommand(nc, 'quiz-create', toBinary(CreateQuizRequestSchema, request), 'createQuiz')).quizId
  }
  const createSession = (quizId: string, settings: Settings = quick) =>
    sendCommand(
      nc,
      'session-create',
      toBinary(CreateSessionRequestSchema, create(CreateSessionRequestSchema, { actor, quizId, settings })),
      'createSession',
    )
  return {
    createQuiz,
    createSession,
    /** A quiz of so many questions and a session of it. */
    open: async (questions: readonly QuestionJson[] | number, settings: Settings = {}) => {
      const list =
        typeof questions === 'number' ? Array.from({ length: questions }, (_, i) => single(`Q${i}`)) : questions
      return createSession(await createQuiz(list), { ...quick, ...settings })
    },
    getQuiz: (quizId: string) =>
      sendCommand(
        nc,
        'quiz-get',
        toBinary(GetQuizRequestSchema, create(GetQuizRequestSchema, { actor, quizId })),
        'quiz',
      ),
    join: (
      session: string,
      userId?: string,
      more: { nickname?: string; resume?: boolean; name?: string; origin?: string } = {},
    ) => {
      const { name, ...rest } = more
      const request = create(JoinRequestSchema, {
        session,
        ...rest,
        ...(userId !== undefined && { actor: { ...user(userId), ...(name !== undefined && { name }) } }),
      })
      return sendCommand(nc, 'session-join', toBinary(JoinRequestSchema, request), 'join', { timeoutMs: 10_000 })
    },
    leave: (sessionId: string, playerId: string) =>
      sendCommand(
        nc,
        'session-leave',
        toBinary(LeaveRequestSchema, create(LeaveRequestSchema, { sessionId, playerId })),
        'done',
      ),
    control: (sessionId: string, command: string, epoch?: number, timeoutMs = 5_000) => {
      const request = create(ControlRequestSchema, { actor, sessionId, command, ...(epoch !== undefined && { epoch }) })
      return sendCommand(nc, 'session-control', toBinary(ControlRequestSchema, request), 'session', { timeoutMs })
    },
    remove: (sessionId: string, playerId: string) =>
      sendCommand(
        nc,
        'session-remove-player',
        toBinary(RemovePlayerRequestSchema, create(RemovePlayerRequestSchema, { actor, sessionId, playerId })),
        'done',
      ),
    get: async (sessionId: string) => {
      const request = toBinary(GetSessionRequestSchema, create(GetSessionRequestSchema, { sessionId }))
      const { state, internal } = await sendCommand(nc, 'session-get', request, 'session')
      if (state === undefined || internal === undefined) throw new Error('an empty reply')
      return { ...state, internal }
    },
    results: (sessionId: string) =>
      sendCommand(
        nc,
        'session-results',
        toBinary(ResultsRequestSchema, create(ResultsRequestSchema, { actor, sessionId })),
        'results',
      ),
    roster: (sessionId: string, playerIds: string[]) =>
      sendCommand(
        nc,
        'session-roster',
        toBinary(RosterRequestSchema, create(RosterRequestSchema, { sessionId, playerIds })),
        'roster',
      ),
    questionIds: (sessionId: string) =>
      sendCommand(
        nc,
        'session-question-ids',
        toBinary(QuestionIdsRequestSchema, create(QuestionIdsRequestSchema, { sessionId })),
        'questionIds',
      ),
  }
}

export type Client = ReturnType<typeof createClient>

/** The code of the refusal, or "accepted". */
export const codeOf = async (request: Promise<unknown>): Promise<string> => {
  try {
    await request
    return 'accepted'
  } catch (err) {
    if (err instanceof PodiumError) return err.code
    throw err
  }
}
