import { create, fromBinary, type JsonObject, toBinary } from '@bufbuild/protobuf'
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { type CommandReply, CommandReplySchema, type Problem, ProblemSchema } from '#gen/command_pb'
import { type CommandName, subjects } from './contract/subjects.ts'
import { isErrorCode, PodiumError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { answeringCommand, type CommandCaller, sendingCommand } from './telemetry/commands.ts'
import { TRACEPARENT } from './telemetry/tracing.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'
import type { Principal, TokenVerifier } from './tokens/token-verifier.ts'

type Reply = CommandReply['reply']
type ReplyCase = NonNullable<Reply['case']>
type ReplyOf<C extends ReplyCase> = Extract<Reply, { case: C }>['value']

/** Header with the token of the client that a command is for. */
const TOKEN = 'podium-token'

/** Longest wait of an edge for a command. Joins and imports are the slowest. */
const COMMAND_TIMEOUT_MS = 5_000

export interface CommandOptions {
  /** Longest wait for the reply. Default 5 000 ms. */
  readonly timeoutMs?: number | undefined
  /** On whose behalf; `session` finds its trace in the header. */
  readonly caller?: CommandCaller | undefined
  /** Of the client on whose behalf it is; `session` verifies it again. */
  readonly token?: string | undefined
  readonly telemetry?: Telemetry | undefined
}

/**
 * Sends a command to `session` and returns the reply of the expected case.
 * @throws PodiumError the refusal, or `unavailable` without a reply in time.
 */
export const sendCommand = async <C extends Exclude<ReplyCase, 'problem'>>(
  nc: Pick<NatsConnection, 'request'>,
  name: CommandName,
  payload: Uint8Array,
  expected: C,
  { timeoutMs = COMMAND_TIMEOUT_MS, caller, token, telemetry }: CommandOptions = {},
): Promise<ReplyOf<C>> => {
  const { traceparent, over } = sendingCommand(name, caller, telemetry)
  try {
    const reply = await request(nc, name, payload, timeoutMs, { [TRACEPARENT]: traceparent, [TOKEN]: token })
    if (reply.case === 'problem') throw toError(reply.value)
    if (reply.case !== expected) {
      throw new PodiumError('internal', { cause: new Error(`unexpected reply ${reply.case}`) })
    }
    over()
    return reply.value as ReplyOf<C>
  } catch (err) {
    over(err)
    throw err
  }
}

const request = async (
  nc: Pick<NatsConnection, 'request'>,
  name: CommandName,
  payload: Uint8Array,
  timeout: number,
  about: Readonly<Record<string, string | undefined>>,
): Promise<Reply> => {
  const sent = headers()
  for (const [key, value] of Object.entries(about)) if (value !== undefined) sent.set(key, value)
  let message: Msg
  try {
    message = await nc.request(subjects.command(name), payload, { timeout, headers: sent })
  } catch (cause) {
    throw new PodiumError('unavailable', { cause })
  }
  return fromBinary(CommandReplySchema, message.data).reply
}

const toError = ({ code, detail, errors, extra }: Problem): PodiumError =>
  new PodiumError(isErrorCode(code) ? code : 'internal', {
    detail,
    ...(errors.length > 0 && { errors: errors.map(({ pointer, code }) => ({ pointer, code })) }),
    ...(extra !== undefined && { extra: extra as Record<string, string | number | boolean> }),
  })

/** `caller`: as the token says that came with the command, after it was verified; undefined without a token. */
export type CommandHandler = (payload: Uint8Array, caller: Principal | undefined) => Promise<Reply>

/** Answers commands, each as soon as it is done; a thrown PodiumError becomes its problem, anything else `internal`. */
export const serveCommands = (options: {
  nc: NatsConnection
  queue: string
  handlers: Readonly<Partial<Record<CommandName, CommandHandler>>>
  tokens: Pick<TokenVerifier, 'verify'>
  logger: Logger
  lifecycle: Lifecycle
  /** Commands under way at which further ones are refused with `unavailable`. Default 5 000. */
  limit?: number
  telemetry?: Telemetry
}): void => {
  const { nc, queue, handlers, tokens, logger, lifecycle, limit = 5_000, telemetry = noTelemetry() } = options
  const underWay = new Set<Promise<void>>()

  const serve = async (name: CommandName, handler: CommandHandler, message: Msg): Promise<void> => {
    const { span, traceId, over } = answeringCommand(name, message.headers?.get(TRACEPARENT) ?? '', telemetry)
    try {
      if (underWay.size >= limit) throw new PodiumError('unavailable')
      const token = message.headers?.get(TOKEN) ?? ''
      const caller = token === '' ? undefined : await tokens.verify(token)
      respond(message, await telemetry.tracing.run(span, () => handler(message.data, caller)))
      over()
    } catch (err) {
      over(err)
      if (!(err instanceof PodiumError)) logger.error({ err, trace_id: traceId, command: name }, 'command failed')
      try {
        respond(message, { case: 'problem', value: toProblem(err) })
      } catch (cause) {
        logger.warn({ err: cause, trace_id: traceId, command: name }, 'command not answered')
      }
    }
  }

  const subscriptions = Object.entries(handlers).map(([name, handler]) =>
    nc.subscribe(subjects.command(name as CommandName), {
      queue,
      callback: (err, message) => {
        if (err !== null) {
          logger.error({ err, name }, 'command subscription failed')
          return
        }
        const serving = serve(name as CommandName, handler, message).finally(() => underWay.delete(serving))
        underWay.add(serving)
      },
    }),
  )
  // No further commands, then those under way to their end, while everything that they use is still there.
  lifecycle.onStop('commands', async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()))
    while (underWay.size > 0) await Promise.all(underWay)
  })
}

const respond = (message: Msg, reply: Reply): void => {
  message.respond(toBinary(CommandReplySchema, create(CommandReplySchema, { reply })))
}

const toProblem = (error: unknown) => {
  const { code, message, errors, extra } = error instanceof PodiumError ? error : new PodiumError('internal')
  return create(ProblemSchema, {
    code,
    detail: message,
    errors: [...(errors ?? [])],
    ...(extra !== undefined && { extra: extra as JsonObject }),
  })
}
