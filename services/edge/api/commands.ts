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
  JoinRequestSchema,
  LeaveRequestSchema,
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
  createQuiz: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject) => {
    const payload = withBody(CreateQuizRequestSchema, body, { actor: actorOf(actor) })
    return sendCommand(nats, 'quiz-create', payload, 'createQuiz', { caller, telemetry })
  },
  getQuiz: (caller: CommandCaller, actor: UserPrincipal, quizId: string) => {
    const payload = encode(GetQuizRequestSchema, { actor: actorOf(actor), quizId })
    return sendCommand(nats, 'quiz-get', payload, 'quiz', { caller, telemetry })
  },
  importQuiz: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject) => {
    const payload = withBody(ImportQuizRequestSchema, body, { actor: actorOf(actor) })
    const options = { caller, telemetry, timeoutMs: IMPORT_TIMEOUT_MS }
    return sendCommand(nats, 'quiz-import', payload, 'importQuiz', options)
  },
  createSession: (caller: CommandCaller, actor: UserPrincipal, body: JsonObject) => {
    const payload = withBody(CreateSessionRequestSchema, body, { actor: actorOf(actor) })
    return sendCommand(nats, 'session-create', payload, 'createSession', { caller, telemetry })
  },
  /** `session` is an id or a join code; without an actor a guest joins. `origin`: the address whose failures count. */
  join: (
    caller: CommandCaller,
    actor: UserPrincipal | undefined,
    session: string,
    body: JsonObject,
    origin: string,
  ) => {
    const more = { session, origin, ...(actor !== undefined && { actor: actorOf(actor) }) }
    const payload = withBody(JoinRequestSchema, body, more)
    return sendCommand(nats, 'session-join', payload, 'join', { caller, telemetry })
  },
  leave: async (caller: CommandCaller, { sessionId, playerId }: PlayerPrincipal): Promise<void> => {
    const payload = encode(LeaveRequestSchema, { sessionId, playerId })
    await sendCommand(nats, 'session-leave', payload, 'done', { caller, telemetry })
  },
  control: async (
    caller: CommandCaller,
    actor: UserPrincipal,
    { sessionId, control, epoch }: { sessionId: string; control: Control; epoch: number | undefined },
  ): Promise<SessionState> => {
    const about = { sessionId, command: control, ...(epoch !== undefined && { epoch }) }
    const payload = encode(ControlRequestSchema, { actor: actorOf(actor), ...about })
    const { state } = await sendCommand(nats, 'session-control', payload, 'session', { caller, telemetry })
    if (state === undefined) throw new Error('a reply without the session state')
    return state
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
  results: (caller: CommandCaller, actor: UserPrincipal, sessionId: string) => {
    const payload = encode(ResultsRequestSchema, { actor: actorOf(actor), sessionId })
    return sendCommand(nats, 'session-results', payload, 'results', { caller, telemetry })
  },
})
