import { create, fromJson, type JsonValue, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
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
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { World } from './world.ts'

export interface QuestionJson {
  readonly kind: string
  readonly prompt: string
  readonly options?: string[]
  readonly correct?: JsonValue
  readonly points?: number
  readonly timeLimitSeconds?: number
  readonly explanation?: string
  readonly tags?: string[]
  readonly media?: { kind: string; url: string }
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

/** The requests of an edge on behalf of a host and of players. */
export const createClient = ({ nc, issuer }: Pick<World, 'nc' | 'issuer'>, hostId = 'host') => {
  let token: Promise<string> | undefined
  const asHost = async () => {
    token ??= issuer.token({ sub: hostId, name: hostId, roles: ['host'] })
    return { token: await token }
  }
  const createQuiz = async (questions: readonly QuestionJson[], title = 'Quiz', idempotencyKey?: string) => {
    const request = create(CreateQuizRequestSchema, {
      title,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      questions: questions.map(({ correct, ...question }) => ({
        ...question,
        ...(correct !== undefined && { correct: fromJson(ValueSchema, correct) }),
      })),
    })
    const payload = toBinary(CreateQuizRequestSchema, request)
    return (await sendCommand(nc, 'quiz-create', payload, 'createQuiz', await asHost())).quizId
  }
  const createSession = async (quizId: string, settings: Settings = quick, idempotencyKey?: string) => {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey }
    const request = create(CreateSessionRequestSchema, { quizId, settings, ...key })
    const payload = toBinary(CreateSessionRequestSchema, request)
    return sendCommand(nc, 'session-create', payload, 'createSession', await asHost())
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
    getQuiz: async (quizId: string) =>
      sendCommand(
        nc,
        'quiz-get',
        toBinary(GetQuizRequestSchema, create(GetQuizRequestSchema, { quizId })),
        'quiz',
        await asHost(),
      ),
    join: async (
      session: string,
      userId?: string,
      more: {
        nickname?: string
        resume?: boolean
        name?: string
        origin?: string
        idempotencyKey?: string
        /** Of a player, instead of a user. */
        token?: string
      } = {},
    ) => {
      const { name = userId, token, ...rest } = more
      const payload = toBinary(JoinRequestSchema, create(JoinRequestSchema, { session, ...rest }))
      const ofUser = userId === undefined ? undefined : await issuer.token({ sub: userId, name })
      return sendCommand(nc, 'session-join', payload, 'join', { timeoutMs: 10_000, token: token ?? ofUser })
    },
    preview: (joinCode: string, origin = '') => {
      const request = create(JoinPreviewRequestSchema, { joinCode, origin })
      return sendCommand(nc, 'session-preview', toBinary(JoinPreviewRequestSchema, request), 'joinPreview')
    },
    list: async (page: { limit?: number; cursor?: string; status?: string } = {}) => {
      const request = create(ListSessionsRequestSchema, { limit: 20, ...page })
      return sendCommand(
        nc,
        'session-list',
        toBinary(ListSessionsRequestSchema, request),
        'sessionList',
        await asHost(),
      )
    },
    leave: (token: string, isWithdrawn = false) =>
      sendCommand(
        nc,
        'session-leave',
        toBinary(LeaveRequestSchema, create(LeaveRequestSchema, { isWithdrawn })),
        'playerCount',
        { token },
      ),
    /** Rejects with `wrong-state` when the command is refused. */
    control: async (sessionId: string, command: string, epoch?: number, timeoutMs = 5_000) => {
      const request = create(ControlRequestSchema, { sessionId, command, ...(epoch !== undefined && { epoch }) })
      const payload = toBinary(ControlRequestSchema, request)
      const { session, refused } = await sendCommand(nc, 'session-control', payload, 'control', {
        timeoutMs,
        ...(await asHost()),
      })
      if (session?.state === undefined) throw new Error('a reply without the session')
      if (refused) throw new PodiumError('wrong-state', { extra: { epoch: session.state.epoch } })
      return session
    },
    remove: async (sessionId: string, ...playerIds: string[]) =>
      sendCommand(
        nc,
        'session-remove-player',
        toBinary(RemovePlayerRequestSchema, create(RemovePlayerRequestSchema, { sessionId, playerIds })),
        'playerCount',
        await asHost(),
      ),
    get: async (sessionId: string) => {
      const request = toBinary(GetSessionRequestSchema, create(GetSessionRequestSchema, { sessionId }))
      const { state, internal } = await sendCommand(nc, 'session-get', request, 'session')
      if (state === undefined || internal === undefined) throw new Error('an empty reply')
      return { ...state, internal }
    },
    results: async (sessionId: string, offset = 0) =>
      sendCommand(
        nc,
        'session-results',
        toBinary(ResultsRequestSchema, create(ResultsRequestSchema, { sessionId, offset })),
        'results',
        // As long as an edge waits.
        { timeoutMs: 20_000, ...(await asHost()) },
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

export const opened = (client: Client, sessionId: string, index = 0) =>
  eventually(
    async () => {
      const session = await client.get(sessionId)
      return session.status === 'question_open' && session.question?.index === index ? session : undefined
    },
    { what: `question ${index} is open` },
  )

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
