import { create, fromBinary } from '@bufbuild/protobuf'
import {
  ControlRequestSchema,
  CreateQuizRequestSchema,
  CreateQuizResultSchema,
  CreateSessionRequestSchema,
  CreateSessionResultSchema,
  DoneSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  ImportQuizRequestSchema,
  ImportQuizResultSchema,
  JoinRequestSchema,
  JoinResultSchema,
  LeaveRequestSchema,
  QuestionIdsRequestSchema,
  QuestionIdsResultSchema,
  RemovePlayerRequestSchema,
  ResultsRequestSchema,
  RosterRequestSchema,
  RosterResultSchema,
} from '#gen/command_pb'
import type { Clock } from '#platform/clock'
import type { CommandName } from '#platform/contract/subjects'
import type { CommandHandler } from '#platform/rpc'
import { actorOf, importInputOf, questionInputOf, quizMessage, settingsInputOf } from './quizzes/content-message.ts'
import { resultsMessage } from './results/results.ts'
import { feedMessage, publicStatus } from './sessions/feed-message.ts'
import type { UseCases } from './use-cases.ts'

/** The requests of the edges: decoded, answered by a use case, encoded. */
export const commandHandlers = (
  useCases: UseCases,
  clock: Clock,
): Readonly<Partial<Record<CommandName, CommandHandler>>> => ({
  'quiz-create': async (payload) => {
    const { actor, title, questions } = fromBinary(CreateQuizRequestSchema, payload)
    const quizId = await useCases.createQuiz({
      actor: actorOf(actor),
      title,
      questions: questions.map(questionInputOf),
    })
    return { case: 'createQuiz', value: create(CreateQuizResultSchema, { quizId }) }
  },

  'quiz-get': async (payload) => {
    const { actor, quizId } = fromBinary(GetQuizRequestSchema, payload)
    return { case: 'quiz', value: quizMessage(await useCases.getQuiz({ actor: actorOf(actor), quizId })) }
  },

  'quiz-import': async (payload) => {
    const { actor, ...request } = fromBinary(ImportQuizRequestSchema, payload)
    const { quizId, imported, skipped } = await useCases.importQuiz({
      ...importInputOf(request),
      actor: actorOf(actor),
    })
    return { case: 'importQuiz', value: create(ImportQuizResultSchema, { quizId, imported, skipped: [...skipped] }) }
  },

  'session-create': async (payload) => {
    const { actor, quizId, settings } = fromBinary(CreateSessionRequestSchema, payload)
    const session = await useCases.createSession({ actor: actorOf(actor), quizId, settings: settingsInputOf(settings) })
    const value = create(CreateSessionResultSchema, {
      sessionId: session.sessionId,
      joinCode: session.joinCode,
      status: publicStatus(session.state),
      settings: session.settings,
    })
    return { case: 'createSession', value }
  },

  'session-join': async (payload) => {
    const { actor, session, nickname, resume, origin } = fromBinary(JoinRequestSchema, payload)
    const joined = await useCases.join({ actor: actorOf(actor), session, nickname, resume, origin })
    return { case: 'join', value: create(JoinResultSchema, joined) }
  },

  'session-leave': async (payload) => {
    await useCases.leave(fromBinary(LeaveRequestSchema, payload))
    return { case: 'done', value: create(DoneSchema) }
  },

  'session-control': async (payload) => {
    const { actor, sessionId, command, epoch } = fromBinary(ControlRequestSchema, payload)
    const view = await useCases.control({ actor: actorOf(actor), sessionId, command, epoch })
    return { case: 'session', value: feedMessage(view, clock.now()) }
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
    const { actor, sessionId } = fromBinary(ResultsRequestSchema, payload)
    return { case: 'results', value: resultsMessage(await useCases.results({ actor: actorOf(actor), sessionId })) }
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
})
