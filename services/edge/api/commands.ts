import { create, fromJson, type JsonObject, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  ActorSchema,
  ControlRequestSchema,
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  GetQuizRequestSchema,
  GetSessionRequestSchema,
  ImportQuizRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  QuestionIdsRequestSchema,
  RemovePlayerRequestSchema,
  ResultsRequestSchema,
} from '#gen/command_pb'
import { PodiumError } from '#platform/errors'
import { type CommandOptions, sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import type { CommandCaller } from '#platform/telemetry/commands'
import type { Commands, Link, SessionSource, UserPrincipal } from '../ports.ts'

/** An import may wait for its provider. */
const IMPORT_TIMEOUT_MS = 9_000
/** A player count that takes longer is not worth waiting for. */
const SESSION_TIMEOUT_MS = 2_000

const actorOf = ({ userId, name, roles }: UserPrincipal) => create(ActorSchema, { userId, name, roles: [...roles] })

const actorJson = ({ userId, name, roles }: UserPrincipal): JsonObject => ({ userId, name, roles: [...roles] })

type Bus = Pick<NatsConnection, 'request'>

export interface CommandsOptions {
  readonly nats: NatsConnection
  readonly telemetry?: Telemetry | undefined
}

export const createCommands = ({ nats, link, telemetry }: CommandsOptions & { readonly link: Link }): Commands => {
  // While the connection is down no request waits for a deadline that cannot be met.
  const bus: Bus = {
    request: (...request) => (link.isUp() ? nats.request(...request) : Promise.reject(new Error('NATS unavailable'))),
  }
  const on = (caller: CommandCaller | undefined): Commands => commandsOf(bus, { caller, telemetry }, on)
  return on(undefined)
}

const commandsOf = (nats: Bus, options: CommandOptions, on: Commands['on']): Commands => ({
  on,
  createQuiz: (actor, body) => {
    const request = fromJson(CreateQuizRequestSchema, { ...body, actor: actorJson(actor) })
    return sendCommand(nats, 'quiz-create', toBinary(CreateQuizRequestSchema, request), 'createQuiz', options)
  },
  getQuiz: (actor, quizId) => {
    const request = create(GetQuizRequestSchema, { actor: actorOf(actor), quizId })
    return sendCommand(nats, 'quiz-get', toBinary(GetQuizRequestSchema, request), 'quiz', options)
  },
  importQuiz: (actor, body) => {
    const request = fromJson(ImportQuizRequestSchema, { ...body, actor: actorJson(actor) })
    const payload = toBinary(ImportQuizRequestSchema, request)
    return sendCommand(nats, 'quiz-import', payload, 'importQuiz', { ...options, timeoutMs: IMPORT_TIMEOUT_MS })
  },
  createSession: (actor, body) => {
    const request = fromJson(CreateSessionRequestSchema, { ...body, actor: actorJson(actor) })
    return sendCommand(nats, 'session-create', toBinary(CreateSessionRequestSchema, request), 'createSession', options)
  },
  join: (actor, session, body, address) => {
    const request = fromJson(JoinRequestSchema, {
      ...body,
      session,
      origin: address,
      ...(actor !== undefined && { actor: actorJson(actor) }),
    })
    return sendCommand(nats, 'session-join', toBinary(JoinRequestSchema, request), 'join', options)
  },
  leave: async ({ sessionId, playerId }) => {
    const request = create(LeaveRequestSchema, { sessionId, playerId })
    await sendCommand(nats, 'session-leave', toBinary(LeaveRequestSchema, request), 'done', options)
  },
  control: async (actor, sessionId, command) => {
    const request = create(ControlRequestSchema, { actor: actorOf(actor), sessionId, command })
    const { state } = await sendCommand(
      nats,
      'session-control',
      toBinary(ControlRequestSchema, request),
      'session',
      options,
    )
    if (state === undefined) throw new Error('a reply without the session state')
    return state
  },
  removePlayer: async (actor, sessionId, playerId) => {
    const request = create(RemovePlayerRequestSchema, { actor: actorOf(actor), sessionId, playerId })
    await sendCommand(nats, 'session-remove-player', toBinary(RemovePlayerRequestSchema, request), 'done', options)
  },
  results: (actor, sessionId) => {
    const request = create(ResultsRequestSchema, { actor: actorOf(actor), sessionId })
    return sendCommand(nats, 'session-results', toBinary(ResultsRequestSchema, request), 'results', options)
  },
  questionIds: async (sessionId) => {
    const request = create(QuestionIdsRequestSchema, { sessionId })
    const payload = toBinary(QuestionIdsRequestSchema, request)
    return (await sendCommand(nats, 'session-question-ids', payload, 'questionIds', options)).questionIds
  },
})

/** The session as `session` has it in its database. */
export const createSessionSource = ({ nats, telemetry }: CommandsOptions): SessionSource => ({
  get: async (sessionId) => {
    const request = create(GetSessionRequestSchema, { sessionId })
    const payload = toBinary(GetSessionRequestSchema, request)
    try {
      return await sendCommand(nats, 'session-get', payload, 'session', { timeoutMs: SESSION_TIMEOUT_MS, telemetry })
    } catch (err) {
      if (err instanceof PodiumError && (err.code === 'not-found' || err.code === 'session-not-found')) return undefined
      throw err
    }
  },
})
