import type { Clock } from '#platform/clock'
import { SPANS } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import { createTokenBucket } from '#platform/rates'
import type { Span, Telemetry } from '#platform/telemetry'
import { newTraceId, parseTraceparent } from '#platform/telemetry/tracing'
import type { AcceptAnswer, AnswerCounters } from '../answers/accept-answer.ts'
import type { ClientMessage, RequestSchemas } from '../api/request-schemas.ts'
import { type FaultLog, type ProblemContext, toProblem } from '../http/problem.ts'
import { parseText } from '../http/request.ts'
import type { Subscriber } from './client.ts'
import { parsePosition } from './history.ts'

/** Requests of one connection under way at once. */
const MAX_UNDER_WAY = 8

/** Requests of one connection. */
const REQUESTS = { burst: 40, perSecond: 20 } as const

/** Bad requests after which the connection is closed. */
const MAX_ERRORS = 20

/** Requests, also bad ones, that wait for the beginning of the stream. */
const MAX_WAITING = REQUESTS.burst + MAX_ERRORS

const MAX_REF_LENGTH = 64

type Ref = string | number

export type WsRequests = ReturnType<typeof createWsRequests>

/** The requests of one WebSocket connection. */
export const createWsRequests = (options: {
  readonly subscriber: Subscriber
  readonly context: ProblemContext
  readonly acceptAnswer: AcceptAnswer
  readonly watchAnswer: (traceparent: string) => AnswerCall
  readonly messages: RequestSchemas['messages']
  /** Begins the stream, after a position or with a snapshot; false when it had begun before. */
  readonly begin: (position: number | undefined) => boolean
  /** The stream has begun: nothing is answered before its first message. Never rejects. */
  readonly started: Promise<void>
  /** Never rejects. */
  readonly resendSnapshot: () => Promise<void>
  /** The process stops: nothing new is begun. */
  readonly isDraining: () => boolean
  /** Must do nothing once the connection is gone. */
  readonly reply: (text: string) => void
  /** Closes the connection of a client that makes too many errors. */
  readonly giveUp: () => void
  readonly clock: Clock
  readonly logFault: FaultLog
}) => {
  const { subscriber, context, acceptAnswer, watchAnswer, messages, begin, started } = options
  const { resendSnapshot, isDraining, reply, giveUp, clock, logFault } = options
  let underWay = 0
  let errors = 0
  const bucket = createTokenBucket(REQUESTS, clock.monotonic())

  const send = (type: string, ref: Ref | undefined, data: unknown): void => reply(JSON.stringify({ type, ref, data }))

  /** Each with a trace id of its own, by which its line in the log is found. */
  const refuse = (error: unknown, ref: Ref | undefined, traceId = newTraceId): void => {
    const problem = toProblem(error, { path: context.path, traceId })
    logFault(error, problem, context.path)
    send('error', ref, problem)
    if (problem.code !== 'malformed' && problem.code !== 'rate-limited') return
    errors += 1
    if (errors >= MAX_ERRORS) giveUp()
  }

  const answer = async (data: unknown, ref: Ref | undefined, traceparent: string): Promise<void> => {
    const { principal, sessionId } = subscriber
    const call = watchAnswer(traceparent)
    try {
      if (isDraining()) throw new PodiumError('unavailable')
      const { span } = call
      send(
        'answer.accepted',
        ref,
        await acceptAnswer({ principal, sessionId, body: () => data, transport: 'ws', span }),
      )
      call.end()
    } catch (err) {
      call.end(err)
      refuse(err, ref, call.traceId)
    }
  }

  const handle = async ({ type, ref, data, traceparent = '' }: ClientMessage): Promise<void> => {
    switch (type) {
      case 'answer': {
        await answer(data, ref, traceparent)
        return
      }
      case 'time':
        send('time', ref, { now: clock.now() })
        return
      case 'resume':
        await resendSnapshot()
        return
      default:
        throw new PodiumError('malformed', { errors: [{ pointer: '/type', code: 'enum' }] })
    }
  }

  return {
    /** Answers one message. Never rejects. */
    onMessage: async (text: string): Promise<void> => {
      let ref: Ref | undefined
      underWay += 1
      try {
        if (underWay > MAX_UNDER_WAY || bucket.take(clock.monotonic()) > 0) throw new PodiumError('rate-limited')
        const message = parse(text, messages)
        ref = message.ref
        if (message.type === 'resume' && begin(positionOf(message.data))) return
        begin(undefined)
        await started
        await handle(message)
      } catch (err) {
        begin(undefined)
        if (underWay > MAX_WAITING) giveUp()
        await started
        refuse(err, ref ?? refOf(text))
      } finally {
        underWay -= 1
      }
    },
  }
}

/** Undefined, as for any position that is unknown, when there is none. */
const positionOf = (data: unknown): number | undefined =>
  typeof data === 'object' && data !== null && 'lastEventId' in data ? parsePosition(data.lastEventId) : undefined

/**
 * Checked against asyncapi.yaml.
 * @throws PodiumError `malformed`
 */
const parse = (text: string, messages: RequestSchemas['messages']): ClientMessage => {
  const value = parseText(text)
  const fault = (pointer: string, code: string) => new PodiumError('malformed', { errors: [{ pointer, code }] })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('', 'type')
  const validate = 'type' in value && typeof value.type === 'string' ? messages.get(value.type) : undefined
  if (validate === undefined) throw fault('/type', 'enum')
  return validate(value)
}

/** So that a refusal can name what it refuses. */
const refOf = (text: string): Ref | undefined => {
  try {
    const { ref } = JSON.parse(text)
    const isRef = typeof ref === 'string' ? ref.length <= MAX_REF_LENGTH : Number.isSafeInteger(ref)
    return isRef ? ref : undefined
  } catch {
    return undefined
  }
}

/** Waits, not for long, for the first message of a connection, which may name the position to resume from. */
export const createGreeting = (graceMs: number) => {
  let resolve: ((position: number | undefined) => void) | undefined
  const position = new Promise<number | undefined>((settle) => {
    resolve = settle
  })
  /** The first call decides and returns true. */
  const end = (at: number | undefined): boolean => {
    if (resolve === undefined) return false
    clearTimeout(timer)
    resolve(at)
    resolve = undefined
    return true
  }
  const timer = setTimeout(() => end(undefined), graceMs)
  /** `position` is undefined for a snapshot, and never rejects. */
  return { position, end }
}

/** One answer over a WebSocket, from its arrival to its reply. */
export interface AnswerCall {
  /** When it is sampled. */
  readonly span: Span | undefined
  /** 32 hex digits: the recorded trace, the client's, or a random one. */
  traceId(): string
  end(error?: unknown): void
}

/** Shows answers over WebSockets in traces, as the request watch does it for HTTP. `traceparent` is '' when there is none. */
export const createAnswerWatch =
  (options: {
    readonly telemetry: Telemetry
    /** Answers that take longer are recorded in any case, if only by their own span. Milliseconds. */
    readonly slowMs: number
    readonly counters: Pick<AnswerCounters, 'refused'>
  }) =>
  (traceparent: string): AnswerCall => {
    const { telemetry, slowMs, counters } = options
    const { tracing } = telemetry
    const startedAt = performance.now()
    const about = { role: 'server', startedAt } as const
    const span = tracing.begin(traceparent, SPANS.wsAnswer, about)
    let traceId: string | undefined
    const idOf = (): string => {
      traceId ??= span?.traceId ?? parseTraceparent(traceparent)?.traceId ?? newTraceId()
      return traceId
    }
    return {
      span,
      traceId: idOf,
      end: (error) => {
        if (error !== undefined) counters.refused('ws', error)
        const hasFailed = error !== undefined && isOurs(error)
        if (span !== undefined) {
          if (hasFailed) span.fail(error)
          else if (error instanceof PodiumError) span.set({ 'podium.outcome': error.code })
          span.end()
        } else if (tracing.isOn && (hasFailed || performance.now() - startedAt > slowMs)) {
          const failure = hasFailed ? { error } : {}
          tracing.record({ name: SPANS.wsAnswer, traceparent, traceId: idOf(), options: about, ...failure })
        }
      },
    }
  }

const isOurs = (error: unknown): boolean =>
  !(error instanceof PodiumError) || error.code === 'internal' || error.code === 'unavailable'
