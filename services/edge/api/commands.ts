import {
  create,
  type DescMessage,
  fromJson,
  type JsonObject,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  ControlRequestSchema,
  CopyQuizRequestSchema,
  CreateDisplayRequestSchema,
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  DeleteQuizRequestSchema,
  ExportQuizRequestSchema,
  GetQuizRequestSchema,
  HistoryRequestSchema,
  ImportQuizRequestSchema,
  JoinPreviewRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  ListPlayersRequestSchema,
  ListQuizzesRequestSchema,
  ListSessionsRequestSchema,
  MistakesRequestSchema,
  OwnResultsRequestSchema,
  RemovePlayerRequestSchema,
  ReplaceQuizRequestSchema,
  ResultsRequestSchema,
  type ResultsResult,
} from '#gen/command_pb'
import type { SessionState } from '#gen/feed_pb'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import { bearerToken, type Request } from '../http/request.ts'
import { quizContent } from './content-json.ts'

/** Commands of a host to a session. */
export const CONTROLS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel'] as const
export type Control = (typeof CONTROLS)[number]

/** An import may wait for its provider. */
const IMPORT_TIMEOUT_MS = 9_000
/** A page of results may wait for those of other hosts. */
const RESULTS_TIMEOUT_MS = 20_000

const encode = <S extends DescMessage>(schema: S, request: MessageInitShape<S>): Uint8Array =>
  toBinary(schema, create(schema, request))

/** The payload of a command whose body has passed the schema of the API. */
const withBody = (schema: DescMessage, body: JsonObject, more: JsonObject): Uint8Array =>
  toBinary(schema, fromJson(schema, { ...body, ...more }))

/** Members of a command whose repeats get the first result again. */
export type IdempotencyKey = { readonly idempotencyKey?: string }

export type Commands = ReturnType<typeof createCommands>

/**
 * What only `session` can do, on behalf of a request, with its token and in its trace. The token is verified again there, and roles
 * and ownership are decided. Everything throws PodiumError: its refusal, or `unavailable`.
 */
export const createCommands = ({
  nats,
  telemetry,
}: {
  readonly nats: Pick<NatsConnection, 'request'>
  readonly telemetry?: Telemetry | undefined
}) => {
  const on = (request: Request) => ({ caller: request, token: bearerToken(request), telemetry })
  return {
    createQuiz: (request: Request, body: JsonObject, key: IdempotencyKey) => {
      const payload = withBody(CreateQuizRequestSchema, quizContent(body), key)
      return sendCommand(nats, 'quiz-create', payload, 'createQuiz', on(request))
    },
    getQuiz: (request: Request, quizId: string) => {
      const payload = encode(GetQuizRequestSchema, { quizId })
      return sendCommand(nats, 'quiz-get', payload, 'quiz', on(request))
    },
    listQuizzes: (request: Request, page: { limit: number; cursor?: string; query?: string; tag?: string }) => {
      const payload = encode(ListQuizzesRequestSchema, page)
      return sendCommand(nats, 'quiz-list', payload, 'quizList', on(request))
    },
    replaceQuiz: (
      request: Request,
      quizId: string,
      body: JsonObject,
      condition: { readonly revisions: number[]; readonly anyRevision: boolean },
    ) => {
      const payload = withBody(ReplaceQuizRequestSchema, quizContent(body), { quizId, ...condition })
      return sendCommand(nats, 'quiz-replace', payload, 'quiz', on(request))
    },
    deleteQuiz: async (request: Request, quizId: string): Promise<void> => {
      const payload = encode(DeleteQuizRequestSchema, { quizId })
      await sendCommand(nats, 'quiz-delete', payload, 'done', on(request))
    },
    copyQuiz: (request: Request, quizId: string, key: IdempotencyKey) => {
      const payload = encode(CopyQuizRequestSchema, { quizId, ...key })
      return sendCommand(nats, 'quiz-copy', payload, 'createQuiz', on(request))
    },
    exportQuiz: (request: Request, quizId: string, format: string) => {
      const payload = encode(ExportQuizRequestSchema, { quizId, format })
      return sendCommand(nats, 'quiz-export', payload, 'quizExport', on(request))
    },
    importQuiz: (request: Request, body: JsonObject, key: IdempotencyKey) => {
      const payload = withBody(ImportQuizRequestSchema, body, key)
      const options = { ...on(request), timeoutMs: IMPORT_TIMEOUT_MS }
      return sendCommand(nats, 'quiz-import', payload, 'importQuiz', options)
    },
    createSession: (request: Request, body: JsonObject, key: IdempotencyKey) => {
      const payload = withBody(CreateSessionRequestSchema, body, key)
      return sendCommand(nats, 'session-create', payload, 'createSession', on(request))
    },
    /** `session` is an id or a join code; without a token a guest joins. `origin`: the address whose failures count. */
    join: (
      request: Request,
      session: string,
      body: JsonObject,
      { origin, key }: { readonly origin: string; readonly key: IdempotencyKey },
    ) => {
      const payload = withBody(JoinRequestSchema, body, { session, origin, ...key })
      return sendCommand(nats, 'session-join', payload, 'join', on(request))
    },
    leave: (request: Request) => {
      const payload = encode(LeaveRequestSchema, {})
      return sendCommand(nats, 'session-leave', payload, 'playerCount', on(request))
    },
    /** Takes back a join whose player never got the token. */
    withdraw: (request: Request, token: string) => {
      const payload = encode(LeaveRequestSchema, { isWithdrawn: true })
      return sendCommand(nats, 'session-leave', payload, 'playerCount', { ...on(request), token })
    },
    control: async (
      request: Request,
      { sessionId, control, epoch }: { sessionId: string; control: Control; epoch: number | undefined },
    ): Promise<{ readonly state: SessionState; readonly refused: boolean }> => {
      const about = { sessionId, command: control, ...(epoch !== undefined && { epoch }) }
      const payload = encode(ControlRequestSchema, about)
      const reply = await sendCommand(nats, 'session-control', payload, 'control', on(request))
      if (reply.session?.state === undefined) throw new Error('a reply without the session state')
      return { state: reply.session.state, refused: reply.refused }
    },
    removePlayers: (request: Request, sessionId: string, playerIds: readonly string[]) => {
      const payload = encode(RemovePlayerRequestSchema, { sessionId, playerIds: [...playerIds] })
      return sendCommand(nats, 'session-remove-player', payload, 'playerCount', on(request))
    },
    /** The pages of the results, one after the other. */
    results: async function* (request: Request, sessionId: string) {
      for (let offset: number | undefined = 0; offset !== undefined; ) {
        const payload = encode(ResultsRequestSchema, { sessionId, offset })
        const options = { ...on(request), timeoutMs: RESULTS_TIMEOUT_MS }
        const page: ResultsResult = await sendCommand(nats, 'session-results', payload, 'results', options)
        yield page
        offset = page.nextOffset
      }
    },
    listPlayers: (request: Request, sessionId: string, page: { limit: number; cursor?: string }) => {
      const payload = encode(ListPlayersRequestSchema, { sessionId, ...page })
      return sendCommand(nats, 'session-players', payload, 'playerList', on(request))
    },
    createDisplay: (request: Request, sessionId: string) => {
      const payload = encode(CreateDisplayRequestSchema, { sessionId })
      return sendCommand(nats, 'session-display', payload, 'displayToken', on(request))
    },
    ownResults: (request: Request, sessionId: string) => {
      const payload = encode(OwnResultsRequestSchema, { sessionId })
      return sendCommand(nats, 'own-results', payload, 'ownResults', on(request))
    },
    history: (request: Request, page: { limit: number; cursor?: string }) => {
      const payload = encode(HistoryRequestSchema, page)
      return sendCommand(nats, 'own-history', payload, 'history', on(request))
    },
    mistakes: (request: Request, page: { limit: number; cursor?: string; tag?: string }) => {
      const payload = encode(MistakesRequestSchema, page)
      return sendCommand(nats, 'own-mistakes', payload, 'mistakeList', on(request))
    },
    /** What a join code leads to; `origin` as for `join`. */
    joinPreview: (request: Request, joinCode: string, origin: string) => {
      const payload = encode(JoinPreviewRequestSchema, { joinCode, origin })
      return sendCommand(nats, 'session-preview', payload, 'joinPreview', on(request))
    },
    listSessions: (request: Request, page: { limit: number; cursor?: string; status?: string }) => {
      const payload = encode(ListSessionsRequestSchema, page)
      return sendCommand(nats, 'session-list', payload, 'sessionList', on(request))
    },
  }
}
