import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import {
  AnswersRequestSchema,
  AnswersResultSchema,
  ControlRequestSchema,
  ControlResultSchema,
  CopyQuizRequestSchema,
  CreateDisplayRequestSchema,
  CreateQuizRequestSchema,
  CreateQuizResultSchema,
  CreateSessionRequestSchema,
  CreateSessionResultSchema,
  DeleteQuizRequestSchema,
  DisplayTokenSchema,
  DoneSchema,
  ExportQuizRequestSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  HistoryRequestSchema,
  ImportQuizRequestSchema,
  ImportQuizResultSchema,
  JoinPreviewRequestSchema,
  JoinPreviewSchema,
  JoinRequestSchema,
  JoinResultSchema,
  LeaveRequestSchema,
  ListPlayersRequestSchema,
  ListQuizzesRequestSchema,
  ListSessionsRequestSchema,
  MistakesRequestSchema,
  OwnResultsRequestSchema,
  PlayerCountSchema,
  PlayerListSchema,
  QuestionIdsRequestSchema,
  QuestionIdsResultSchema,
  QuizExportSchema,
  RecordedAnswerSchema,
  RemovePlayerRequestSchema,
  ReplaceQuizRequestSchema,
  ResultsRequestSchema,
  RosterRequestSchema,
  RosterResultSchema,
  SessionListSchema,
} from '#gen/command_pb'
import type { Clock } from '#platform/clock'
import type { CommandName } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { CommandHandler } from '#platform/rpc'
import type { PlayerPrincipal, Principal, UserPrincipal } from '#platform/tokens/token-verifier'
import { requestName } from './idempotency.ts'
import { contentOf, importInputOf, quizListMessage, quizMessage, settingsInputOf } from './quizzes/content-message.ts'
import { historyMessage, mistakesMessage, ownResultsMessage } from './results/own-results-message.ts'
import { resultsMessage } from './results/results.ts'
import { feedMessage } from './sessions/feed-message.ts'
import type { ListedSession, PlayerCount } from './sessions/session.ts'
import type { UseCases } from './use-cases.ts'

/** The requests of the edges, on behalf of the client whose token they carry: decoded, answered by a use case, encoded. */
export const commandHandlers = (
  useCases: UseCases,
  clock: Clock,
): Readonly<Partial<Record<CommandName, CommandHandler>>> => ({
  'quiz-create': async (payload, caller) => {
    const request = fromBinary(CreateQuizRequestSchema, payload)
    const once = named('quiz-create', CreateQuizRequestSchema, request, caller)
    const quizId = await useCases.createQuiz({ ...contentOf(request), actor: userOf(caller), once })
    return { case: 'createQuiz', value: create(CreateQuizResultSchema, { quizId }) }
  },

  'quiz-get': async (payload, caller) => {
    const { quizId } = fromBinary(GetQuizRequestSchema, payload)
    return { case: 'quiz', value: quizMessage(await useCases.getQuiz({ actor: userOf(caller), quizId })) }
  },

  'quiz-list': async (payload, caller) => {
    const { limit, cursor, query, tag } = fromBinary(ListQuizzesRequestSchema, payload)
    const list = await useCases.listQuizzes({ actor: userOf(caller), limit, cursor, query, tag })
    return { case: 'quizList', value: quizListMessage(list) }
  },

  'quiz-replace': async (payload, caller) => {
    const request = fromBinary(ReplaceQuizRequestSchema, payload)
    const { quizId, revisions, anyRevision } = request
    const about = { actor: userOf(caller), quizId, revisions, anyRevision }
    const quiz = await useCases.replaceQuiz({ ...contentOf(request), ...about })
    return { case: 'quiz', value: quizMessage(quiz) }
  },

  'quiz-delete': async (payload, caller) => {
    const { quizId } = fromBinary(DeleteQuizRequestSchema, payload)
    await useCases.deleteQuiz({ actor: userOf(caller), quizId })
    return { case: 'done', value: create(DoneSchema) }
  },

  'quiz-copy': async (payload, caller) => {
    const request = fromBinary(CopyQuizRequestSchema, payload)
    const once = named('quiz-copy', CopyQuizRequestSchema, request, caller)
    const quizId = await useCases.copyQuiz({ actor: userOf(caller), quizId: request.quizId, once })
    return { case: 'createQuiz', value: create(CreateQuizResultSchema, { quizId }) }
  },

  'quiz-export': async (payload, caller) => {
    const { quizId, format } = fromBinary(ExportQuizRequestSchema, payload)
    const exported = await useCases.exportQuiz({ actor: userOf(caller), quizId, format })
    return { case: 'quizExport', value: create(QuizExportSchema, exported) }
  },

  'quiz-import': async (payload, caller) => {
    const request = fromBinary(ImportQuizRequestSchema, payload)
    const once = named('quiz-import', ImportQuizRequestSchema, request, caller)
    const { quizId, imported, skipped } = await useCases.importQuiz({
      ...importInputOf(request),
      actor: userOf(caller),
      once,
    })
    return { case: 'importQuiz', value: create(ImportQuizResultSchema, { quizId, imported, skipped: [...skipped] }) }
  },

  'session-create': async (payload, caller) => {
    const request = fromBinary(CreateSessionRequestSchema, payload)
    const { quizId, settings } = request
    const once = named('session-create', CreateSessionRequestSchema, request, caller)
    const session = await useCases.createSession({
      actor: userOf(caller),
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

  'session-join': async (payload, caller) => {
    const { session, nickname, resume, origin, idempotencyKey } = fromBinary(JoinRequestSchema, payload)
    const player = caller?.kind === 'player' ? caller : undefined
    const request = { session, nickname, resume, origin, idempotencyKey }
    const { count, ...joined } = await useCases.join({ ...request, actor: userOf(caller), player })
    return { case: 'join', value: create(JoinResultSchema, { ...joined, playerCount: playerCountOf(count) }) }
  },

  'session-leave': async (payload, caller) => {
    const { isWithdrawn } = fromBinary(LeaveRequestSchema, payload)
    if (caller?.kind !== 'player') throw new PodiumError(caller === undefined ? 'unauthorized' : 'forbidden')
    const count = await useCases.leave({ player: caller, isWithdrawn })
    return { case: 'playerCount', value: playerCountOf(count) }
  },

  'session-control': async (payload, caller) => {
    const { sessionId, command, epoch } = fromBinary(ControlRequestSchema, payload)
    const { refused, ...view } = await useCases.control({ actor: userOf(caller), sessionId, command, epoch })
    const session = feedMessage(view, clock.now())
    return { case: 'control', value: create(ControlResultSchema, { session, refused }) }
  },

  'session-remove-player': async (payload, caller) => {
    const { sessionId, playerIds } = fromBinary(RemovePlayerRequestSchema, payload)
    const count = await useCases.removePlayers({ actor: userOf(caller), sessionId, playerIds })
    return { case: 'playerCount', value: playerCountOf(count) }
  },

  'session-get': async (payload) => {
    const { sessionId } = fromBinary(GetSessionRequestSchema, payload)
    return { case: 'session', value: feedMessage(await useCases.getSession(sessionId), clock.now()) }
  },

  'session-results': async (payload, caller) => {
    const { sessionId, offset } = fromBinary(ResultsRequestSchema, payload)
    return {
      case: 'results',
      value: resultsMessage(await useCases.results({ actor: userOf(caller), sessionId, offset })),
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

  'session-answers': async (payload) => {
    const { sessionId, questionIndex, playerId } = fromBinary(AnswersRequestSchema, payload)
    const answers = await useCases.recordedAnswers({ sessionId, questionIndex, playerId })
    const value = create(AnswersResultSchema, {
      answers: answers.map(({ choices = [], text, ...answer }) =>
        create(RecordedAnswerSchema, { ...answer, choices: [...choices], ...(text !== undefined && { text }) }),
      ),
    })
    return { case: 'answers', value }
  },

  'session-preview': async (payload, caller) => {
    const { joinCode, origin } = fromBinary(JoinPreviewRequestSchema, payload)
    const preview = await useCases.joinPreview({ actor: userOf(caller), joinCode, origin })
    return { case: 'joinPreview', value: create(JoinPreviewSchema, preview) }
  },

  'session-list': async (payload, caller) => {
    const { limit, cursor, status } = fromBinary(ListSessionsRequestSchema, payload)
    const { items, nextCursor } = await useCases.listSessions({ actor: userOf(caller), limit, cursor, status })
    const value = create(SessionListSchema, { items: items.map(summaryOf), ...(nextCursor && { nextCursor }) })
    return { case: 'sessionList', value }
  },

  'session-players': async (payload, caller) => {
    const { sessionId, limit, cursor } = fromBinary(ListPlayersRequestSchema, payload)
    const { items, nextCursor } = await useCases.listPlayers({ actor: userOf(caller), sessionId, limit, cursor })
    const players = items.map(({ joinedAt, status, ...item }) => ({
      ...item,
      joinedAtMs: joinedAt,
      removed: status === 'removed',
    }))
    return {
      case: 'playerList',
      value: create(PlayerListSchema, { items: players, ...(nextCursor && { nextCursor }) }),
    }
  },

  'session-display': async (payload, caller) => {
    const { sessionId } = fromBinary(CreateDisplayRequestSchema, payload)
    const { token, expiresAt } = await useCases.displayToken({ actor: userOf(caller), sessionId })
    return { case: 'displayToken', value: create(DisplayTokenSchema, { token, expiresAtMs: expiresAt }) }
  },

  'own-results': async (payload, caller) => {
    const { sessionId } = fromBinary(OwnResultsRequestSchema, payload)
    return {
      case: 'ownResults',
      value: ownResultsMessage(await useCases.ownResults({ player: playerOf(caller), sessionId })),
    }
  },

  'own-history': async (payload, caller) => {
    const { limit, cursor } = fromBinary(HistoryRequestSchema, payload)
    return { case: 'history', value: historyMessage(await useCases.history({ actor: userOf(caller), limit, cursor })) }
  },

  'own-mistakes': async (payload, caller) => {
    const { limit, cursor, tag } = fromBinary(MistakesRequestSchema, payload)
    const found = await useCases.mistakes({ actor: userOf(caller), limit, cursor, tag })
    return { case: 'mistakeList', value: mistakesMessage(found) }
  },
})

const playerOf = (caller: Principal | undefined): PlayerPrincipal | undefined =>
  caller?.kind === 'player' ? caller : undefined

const summaryOf = ({ createdAt, startedAt, finishedAt, joinCode, ...session }: ListedSession) => ({
  ...session,
  ...(finishedAt === undefined && { joinCode }),
  createdAtMs: createdAt,
  ...(startedAt !== undefined && { startedAtMs: startedAt }),
  ...(finishedAt !== undefined && { finishedAtMs: finishedAt }),
})

const playerCountOf = ({ playerCount, countedAt }: PlayerCount) =>
  create(PlayerCountSchema, { playerCount, countedAtMs: countedAt })

const userOf = (caller: Principal | undefined): UserPrincipal | undefined =>
  caller?.kind === 'user' ? caller : undefined

/** The name of a request that carries a key; its content is everything but the key and the caller. */
const named = <Schema extends DescMessage>(
  operation: CommandName,
  schema: Schema,
  request: MessageShape<Schema> & { readonly idempotencyKey?: string | undefined },
  caller: Principal | undefined,
) => {
  const { idempotencyKey, ...content } = request
  if (idempotencyKey === undefined) return undefined
  const bytes = toBinary(schema, content as MessageShape<Schema>)
  return requestName(idempotencyKey, `user ${userOf(caller)?.userId ?? ''}`, operation, bytes)
}
