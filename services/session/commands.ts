import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import {
  type Actor as ActorMessage,
  ControlRequestSchema,
  ControlResultSchema,
  CreateQuizRequestSchema,
  CreateQuizResultSchema,
  CreateSessionRequestSchema,
  CreateSessionResultSchema,
  DoneSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  ImportQuizRequestSchema,
  ImportQuizResultSchema,
  JoinPreviewRequestSchema,
  JoinPreviewSchema,
  JoinRequestSchema,
  JoinResultSchema,
  LeaveRequestSchema,
  ListSessionsRequestSchema,
  QuestionIdsRequestSchema,
  QuestionIdsResultSchema,
  RemovePlayerRequestSchema,
  ResultsRequestSchema,
  RosterRequestSchema,
  RosterResultSchema,
  SessionListSchema,
} from '#gen/command_pb'
import type { Clock } from '#platform/clock'
import type { CommandName } from '#platform/contract/subjects'
import type { CommandHandler } from '#platform/rpc'
import { requestName } from './idempotency.ts'
import { actorOf, importInputOf, questionInputOf, quizMessage, settingsInputOf } from './quizzes/content-message.ts'
import { resultsMessage } from './results/results.ts'
import { feedMessage } from './sessions/feed-message.ts'
import type { ListedSession } from './sessions/session.ts'
import type { UseCases } from './use-cases.ts'

/** The requests of the edges: decoded, answered by a use case, encoded. */
export const commandHandlers = (
  useCases: UseCases,
  clock: Clock,
): Readonly<Partial<Record<CommandName, CommandHandler>>> => ({
  'quiz-create': async (payload) => {
    const request = fromBinary(CreateQuizRequestSchema, payload)
    const { actor, title, questions } = request
    const once = named('quiz-create', CreateQuizRequestSchema, request)
    const quizId = await useCases.createQuiz({
      actor: actorOf(actor),
      title,
      questions: questions.map(questionInputOf),
      once,
    })
    return { case: 'createQuiz', value: create(CreateQuizResultSchema, { quizId }) }
  },

  'quiz-get': async (payload) => {
    const { actor, quizId } = fromBinary(GetQuizRequestSchema, payload)
    return { case: 'quiz', value: quizMessage(await useCases.getQuiz({ actor: actorOf(actor), quizId })) }
  },

  'quiz-import': async (payload) => {
    const request = fromBinary(ImportQuizRequestSchema, payload)
    const { actor } = request
    const once = named('quiz-import', ImportQuizRequestSchema, request)
    const { quizId, imported, skipped } = await useCases.importQuiz({
      ...importInputOf(request),
      actor: actorOf(actor),
      once,
    })
    return { case: 'importQuiz', value: create(ImportQuizResultSchema, { quizId, imported, skipped: [...skipped] }) }
  },

  'session-create': async (payload) => {
    const request = fromBinary(CreateSessionRequestSchema, payload)
    const { actor, quizId, settings } = request
    const once = named('session-create', CreateSessionRequestSchema, request)
    const session = await useCases.createSession({
      actor: actorOf(actor),
      quizId,
      settings: settingsInputOf(settings),
      once,
    })
    const value = create(CreateSessionResultSchema, {
      sessionId: session.sessionId,
      joinCode: session.joinCode,
      status: 'lobby',
      settings: session.settings,
    })
    return { case: 'createSession', value }
  },

  'session-join': async (payload) => {
    const request = fromBinary(JoinRequestSchema, payload)
    const { session, nickname, resume, origin, player, idempotencyKey } = request
    const actor = actorOf(request.actor)
    const joined = await useCases.join({ actor, session, nickname, resume, origin, player, idempotencyKey })
    return { case: 'join', value: create(JoinResultSchema, joined) }
  },

  'session-leave': async (payload) => {
    await useCases.leave(fromBinary(LeaveRequestSchema, payload))
    return { case: 'done', value: create(DoneSchema) }
  },

  'session-control': async (payload) => {
    const { actor, sessionId, command, epoch } = fromBinary(ControlRequestSchema, payload)
    const { refused, ...view } = await useCases.control({ actor: actorOf(actor), sessionId, command, epoch })
    const session = feedMessage(view, clock.now())
    return { case: 'control', value: create(ControlResultSchema, { session, refused }) }
  },

  'session-remove-player': async (payload) => {
    const { actor, sessionId, playerId } = fromBinary(RemovePlayerRequestSchema, payload)
    await useCases.removePlayer({ actor: actorOf(actor), sessionId, playerId })
    return { case: 'done', value: create(DoneSchema) }
  },

  'session-get': async (payload) => {
    const { sessionId } = fromBinary(GetSessionRequestSchema, payload)
    return { case: 'session', value: feedMessage(await useCases.getSession(sessionId), clock.now()) }
  },

  'session-results': async (payload) => {
    const { actor, sessionId, offset } = fromBinary(ResultsRequestSchema, payload)
    return {
      case: 'results',
      value: resultsMessage(await useCases.results({ actor: actorOf(actor), sessionId, offset })),
    }
  },

  'session-roster': async (payload) => {
    const { sessionId, playerIds } = fromBinary(RosterRequestSchema, payload)
    const players = await useCases.roster(sessionId, playerIds)
    return { case: 'roster', value: create(RosterResultSchema, { players: [...players] }) }
  },

  'session-question-ids': async (payload) => {
    const { sessionId } = fromBinary(QuestionIdsRequestSchema, payload)
    const questionIds = await useCases.questionIds(sessionId)
    return { case: 'questionIds', value: create(QuestionIdsResultSchema, { questionIds: [...questionIds] }) }
  },

  'session-preview': async (payload) => {
    const { actor, joinCode, origin } = fromBinary(JoinPreviewRequestSchema, payload)
    const preview = await useCases.joinPreview({ actor: actorOf(actor), joinCode, origin })
    return { case: 'joinPreview', value: create(JoinPreviewSchema, preview) }
  },

  'session-list': async (payload) => {
    const { actor, limit, cursor, status } = fromBinary(ListSessionsRequestSchema, payload)
    const { items, nextCursor } = await useCases.listSessions({ actor: actorOf(actor), limit, cursor, status })
    const value = create(SessionListSchema, { items: items.map(summaryOf), ...(nextCursor && { nextCursor }) })
    return { case: 'sessionList', value }
  },
})

const summaryOf = ({ createdAt, startedAt, finishedAt, joinCode, ...session }: ListedSession) => ({
  ...session,
  ...(finishedAt === undefined && { joinCode }),
  createdAtMs: createdAt,
  ...(startedAt !== undefined && { startedAtMs: startedAt }),
  ...(finishedAt !== undefined && { finishedAtMs: finishedAt }),
})

/** The name of a request that carries a key; its content is everything but the key and the caller. */
const named = <Schema extends DescMessage>(
  operation: CommandName,
  schema: Schema,
  request: MessageShape<Schema> & {
    readonly actor?: ActorMessage | undefined
    readonly idempotencyKey?: string | undefined
  },
) => {
  const { actor: _, idempotencyKey, ...content } = request
  if (idempotencyKey === undefined) return undefined
  const bytes = toBinary(schema, content as MessageShape<Schema>)
  return requestName(idempotencyKey, `user ${request.actor?.userId ?? ''}`, operation, bytes)
}
