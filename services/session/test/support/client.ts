import { create, fromJson, type JsonValue, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  ControlRequestSchema,
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  JoinPreviewRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  ListSessionsRequestSchema,
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
  const createQuiz = async (questions: readonly QuestionJson[], title = 'Quiz', idempotencyKey?: string) => {
    const request = create(CreateQuizRequestSchema, {
      actor,
      title,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      questions: questions.map(({ correct, ...question }) => ({
        ...question,
        correct: fromJson(ValueSchema, correct),
      })),
    })
    return (await sendCommand(nc, 'quiz-create', toBinary(CreateQuizRequestSchema, request), 'createQuiz')).quizId
  }
  const createSession = (quizId: string, settings: Settings = quick, idempotencyKey?: string) => {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey }
    const request = create(CreateSessionRequestSchema, { actor, quizId, settings, ...key })
    return sendCommand(nc, 'session-create', toBinary(CreateSessionRequestSchema, request), 'createSession')
  }
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
      more: {
        nickname?: string
        resume?: boolean
        name?: string
        origin?: string
        idempotencyKey?: string
        /** Whose player token is sent. */
        player?: { sessionId: string; playerId: string }
      } = {},
    ) => {
      const { name, ...rest } = more
      const request = create(JoinRequestSchema, {
        session,
        ...rest,
        ...(userId !== undefined && { actor: { ...user(userId), ...(name !== undefined && { name }) } }),
      })
      return sendCommand(nc, 'session-join', toBinary(JoinRequestSchema, request), 'join', { timeoutMs: 10_000 })
    },
    preview: (joinCode: string, origin = '') => {
      const request = create(JoinPreviewRequestSchema, { joinCode, origin })
      return sendCommand(nc, 'session-preview', toBinary(JoinPreviewRequestSchema, request), 'joinPreview')
    },
    list: (page: { limit?: number; cursor?: string; status?: string } = {}) => {
      const request = create(ListSessionsRequestSchema, { actor, limit: 20, ...page })
      return sendCommand(nc, 'session-list', toBinary(ListSessionsRequestSchema, request), 'sessionList')
    },
    leave: (sessionId: string, playerId: string, isWithdrawn = false) =>
      sendCommand(
        nc,
        'session-leave',
        toBinary(LeaveRequestSchema, create(LeaveRequestSchema, { sessionId, playerId, isWithdrawn })),
        'done',
      ),
    /** Rejects with `wrong-state` when the command is refused. */
    control: async (sessionId: string, command: string, epoch?: number, timeoutMs = 5_000) => {
      const request = create(ControlRequestSchema, { actor, sessionId, command, ...(epoch !== undefined && { epoch }) })
      const payload = toBinary(ControlRequestSchema, request)
      const { session, refused } = await sendCommand(nc, 'session-control', payload, 'control', { timeoutMs })
      if (session?.state === undefined) throw new Error('a reply without the session')
      if (refused) throw new PodiumError('wrong-state', { extra: { epoch: session.state.epoch } })
      return session
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
    results: (sessionId: string, offset = 0) =>
      sendCommand(
        nc,
        'session-results',
        toBinary(ResultsRequestSchema, create(ResultsRequestSchema, { actor, sessionId, offset })),
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
