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
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  GetQuizRequestSchema,
  ImportQuizRequestSchema,
  JoinPreviewRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  ListSessionsRequestSchema,
  RemovePlayerRequestSchema,
  ResultsRequestSchema,
} from '#gen/command_pb'
import type { SessionState } from '#gen/feed_pb'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import type { CommandCaller } from '#platform/telemetry/commands'
import type { PlayerPrincipal, UserPrincipal } from '../auth/token-verifier.ts'

/** Commands of a host to a session. */
export const CONTROLS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel'] as const
export type Control = (typeof CONTROLS)[number]

/** An import may wait for its provider. */
const IMPORT_TIMEOUT_MS = 9_000

const actorOf = ({ userId, name, roles }: UserPrincipal) => ({ userId, name, roles: [...roles] })

const encode = <S extends DescMessage>(schema: S, request: MessageInitShape<S>): Uint8Array =>
  toBinary(schema, create(schema, request))

/** The payload of a command whose body has passed the schema of the API. */
const withBody = (schema: DescMessage, body: JsonObject, more: JsonObject): Uint8Array =>
  toBinary(schema, fromJson(schema, { ...body, ...more }))

/** Members of a command whose repeats get the first result again. */
export type IdempotencyKey = { readonly idempotencyKey?: string }

export type Commands = ReturnType<typeof createCommands>

/**
 * What only `session` can do, on behalf of a request (`caller`), in whose trace it shows up. Roles and ownership are decided
 * there. Everything throws PodiumError: its refusal, or `unavailable`.
 */
export const createCommands = ({
  nats,
  telemetry,
}: {
  readonly nats: Pick<NatsConnection, 'request'>
  readonly telemetry?: Telemetry | undefined
}) => ({
  createQuiz: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject, key: IdempotencyKey) => {
    const payload = withBody(CreateQuizRequestSchema, body, { actor: actorOf(actor), ...key })
    return sendCommand(nats, 'quiz-create', payload, 'createQuiz', { caller, telemetry })
  },
  getQuiz: (caller: CommandCaller, actor: UserPrincipal, quizId: string) => {
    const payload = encode(GetQuizRequestSchema, { actor: actorOf(actor), quizId })
    return sendCommand(nats, 'quiz-get', payload, 'quiz', { caller, telemetry })
  },
  importQuiz: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject, key: IdempotencyKey) => {
    const payload = withBody(ImportQuizRequestSchema, body, { actor: actorOf(actor), ...key })
    const options = { caller, telemetry, timeoutMs: IMPORT_TIMEOUT_MS }
    return sendCommand(nats, 'quiz-import', payload, 'importQuiz', options)
  },
  createSession: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject, key: IdempotencyKey) => {
    const payload = withBody(CreateSessionRequestSchema, body, { actor: actorOf(actor), ...key })
    return sendCommand(nats, 'session-create', payload, 'createSession', { caller, telemetry })
  },
  /** `session` is an id or a join code; without a caller a guest joins. `origin`: the address whose failures count. */
  join: (
    caller: CommandCaller,
    principal: UserPrincipal | PlayerPrincipal | undefined,
    session: string,
    body: JsonObject,
    { origin, key }: { readonly origin: string; readonly key: IdempotencyKey },
  ) => {
    const who: JsonObject =
      principal === undefined
        ? {}
        : principal.kind === 'user'
          ? { actor: actorOf(principal) }
          : { player: { sessionId: principal.sessionId, playerId: principal.playerId } }
    const payload = withBody(JoinRequestSchema, body, { session, origin, ...key, ...who })
    return sendCommand(nats, 'session-join', payload, 'join', { caller, telemetry })
  },
  leave: async (caller: CommandCaller, { sessionId, playerId }: PlayerPrincipal): Promise<void> => {
    const payload = encode(LeaveRequestSchema, { sessionId, playerId })
    await sendCommand(nats, 'session-leave', payload, 'done', { caller, telemetry })
  },
  /** Takes back a join whose player never got the token. */
  withdraw: async (caller: CommandCaller, about: { sessionId: string; playerId: string }): Promise<void> => {
    const payload = encode(LeaveRequestSchema, { ...about, isWithdrawn: true })
    await sendCommand(nats, 'session-leave', payload, 'done', { caller, telemetry })
  },
  control: async (
    caller: CommandCaller,
    actor: UserPrincipal,
    { sessionId, control, epoch }: { sessionId: string; control: Control; epoch: number | undefined },
  ): Promise<{ readonly state: SessionState; readonly refused: boolean }> => {
    const about = { sessionId, command: control, ...(epoch !== undefined && { epoch }) }
    const payload = encode(ControlRequestSchema, { actor: actorOf(actor), ...about })
    const reply = await sendCommand(nats, 'session-control', payload, 'control', { caller, telemetry })
    if (reply.session?.state === undefined) throw new Error('a reply without the session state')
    return { state: reply.session.state, refused: reply.refused }
  },
  removePlayer: async (
    caller: CommandCaller,
    actor: UserPrincipal,
    sessionId: string,
    playerId: string,
  ): Promise<void> => {
    const payload = encode(RemovePlayerRequestSchema, { actor: actorOf(actor), sessionId, playerId })
    await sendCommand(nats, 'session-remove-player', payload, 'done', { caller, telemetry })
  },
  /** The pages of the results as one. */
  results: async (caller: CommandCaller, actor: UserPrincipal, sessionId: string) => {
    const page = (offset: number) => {
      const payload = encode(ResultsRequestSchema, { actor: actorOf(actor), sessionId, offset })
      return sendCommand(nats, 'session-results', payload, 'results', { caller, telemetry })
    }
    const whole = await page(0)
    for (let { nextOffset } = whole; nextOffset !== undefined; ) {
      const next = await page(nextOffset)
      whole.players.push(...next.players)
      nextOffset = next.nextOffset
    }
    return whole
  },
  /** What a join code leads to; `origin` as for `join`. */
  joinPreview: (caller: CommandCaller, actor: UserPrincipal | undefined, joinCode: string, origin: string) => {
    const about = { joinCode, origin, ...(actor !== undefined && { actor: actorOf(actor) }) }
    const payload = encode(JoinPreviewRequestSchema, about)
    return sendCommand(nats, 'session-preview', payload, 'joinPreview', { caller, telemetry })
  },
  listSessions: (
    caller: CommandCaller,
    actor: UserPrincipal,
    page: { limit: number; cursor?: string; status?: string },
  ) => {
    const payload = encode(ListSessionsRequestSchema, { actor: actorOf(actor), ...page })
    return sendCommand(nats, 'session-list', payload, 'sessionList', { caller, telemetry })
  },
})
