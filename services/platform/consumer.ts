import { create, toBinary } from '@bufbuild/protobuf'
import { type Consumer, type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { LRUCache } from 'lru-cache'
import { DeadLetterSchema } from '#gen/dead_letter_pb'
import { createBatchQueue } from './batch-queue.ts'
import { SPANS, sessionAttribute } from './contract/names.ts'
import { subjects } from './contract/subjects.ts'
import { PodiumError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import type { Publisher } from './publisher.ts'
import { type ConsumerWatch, createConsumerWatch } from './telemetry/consumer-watch.ts'
import { traceparentsIn } from './telemetry/messages.ts'
import { newTraceId } from './telemetry/tracing.ts'
import { noTelemetry, type Span, type Telemetry } from './telemetry.ts'

/** One delivered message, as handlers see it. */
export interface Delivery {
  readonly subject: string
  readonly payload: Uint8Array
  readonly sequence: number
  /** 1 the first time. */
  readonly attempt: number
  /** When it is traced: the parent of all that the message leads to. */
  readonly span?: Span | undefined
}

/** A part of a message that can never succeed, as a message of its own. */
export interface RejectedPart {
  readonly reason: string
  readonly payload: Uint8Array
}

/**
 * What becomes of a delivery: `ack` when its effect is durable (also if it was before), `retry` for anything transient,
 * after `delayMs` or a growing, jittered delay, `reject` for what can never succeed (to DEAD_LETTERS). Where that is a part of a message
 * whose rest took effect, the verdict is `ack` with that part, which alone becomes a dead letter.
 */
export type Verdict =
  | { readonly kind: 'ack'; readonly rejected?: readonly RejectedPart[] }
  | { readonly kind: 'retry'; readonly delayMs?: number }
  | { readonly kind: 'reject'; readonly reason: string; readonly detail?: string }

export const ACK: Verdict = { kind: 'ack' }
export const RETRY: Verdict = { kind: 'retry' }
export const reject = (reason: string): Verdict => ({ kind: 'reject', reason })

/**
 * Returns one verdict per delivery, in order. A throw of a PodiumError with `canRetry` means `retry` for all of them. After
 * any other throw the batch is handled again in halves, until each message that makes the handler throw is alone, so
 * the handler must be idempotent.
 */
export type BatchHandler = (batch: readonly Delivery[]) => Promise<readonly Verdict[]>

export interface ConsumeOptions {
  readonly nc: NatsConnection
  readonly publisher: Publisher
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  readonly stream: string
  /** Declared in deploy/nats; looked up here, never created. */
  readonly durable: string
  readonly handle: BatchHandler
  /** Messages handed to one call of `handle` at the most. Default 500. */
  readonly maxBatch?: number
  readonly telemetry?: Telemetry
  /** Least time between the beginnings of two batches while more than one comes in it. Default 4 ms. */
  readonly paceMs?: number
  /** Calls of `handle` at a time. Default 1. */
  readonly concurrency?: number
}

/** A request for messages that brings fewer than asked for ends after this time and is made anew. */
const REQUEST_EXPIRES_MS = 5_000
/** Two of these without a sign from the server end a request as well. */
const HEARTBEAT_MS = 1_000
const REOPEN_DELAY_MS = 500

/**
 * Pulls from a durable consumer for as long as the process lives and hands over whatever has arrived, one batch at a
 * time. Only this module settles messages. Survives a deleted consumer or stream and a server that was restarted.
 *
 * Messages are asked for only when there is room for them: one batch more than are handled at a time is here, also while a handler stands
 * still because its store is unavailable. The client's own `consume()` refills whatever it has received, handled or not,
 * until it holds all the server lets out (max_ack_pending), and they time out in its memory.
 */
export const consume = (options: ConsumeOptions): void => {
  const { nc, lifecycle, logger, stream, durable, handle, maxBatch = 500, paceMs = 4, concurrency = 1 } = options
  const { telemetry = noTelemetry() } = options
  const watch = createConsumerWatch(telemetry, options)
  const handleAll = isolating(handle, options)
  let current: Consumer | undefined
  let request: ConsumerMessages | undefined
  let stopped = false
  const queue = createBatchQueue<JsMsg>({
    maxBatch,
    paceMs,
    concurrency,
    handle: (batch) => settleBatch(batch, { ...options, handle: handleAll, telemetry, watch }),
  })

  const pull = async (consumer: Consumer): Promise<void> => {
    await queue.hasRoom()
    if (stopped) return
    request = await consumer.fetch({
      max_messages: queue.room(),
      expires: REQUEST_EXPIRES_MS,
      idle_heartbeat: HEARTBEAT_MS,
    })
    for await (const message of request) queue.add(message)
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        current = await jetstream(nc).consumers.get(stream, durable)
        while (!stopped) await pull(current)
      } catch (err) {
        if (stopped) break
        logger.warn({ err, durable }, 'consumer interrupted')
        await new Promise((resolve) => setTimeout(resolve, REOPEN_DELAY_MS))
      }
    }
    await queue.drained()
  }

  const running = run()
  const stopLag = watch.followLag(() => current)
  lifecycle.onStop(`consumer ${durable}`, async () => {
    stopped = true
    stopLag()
    await request?.close()
    await running
  })
}

/** Deliveries at which a message has to make the handler throw until it is dead-lettered, from the first throw on. */
const MAX_FAILURES = 5
/**
 * Wait after the first throw; it doubles. All of them together stay below the longest wait of a reveal: it waits until
 * everything in the streams is settled, and one bad message must not delay every session's.
 */
const FAILURE_DELAY_MS = 50
/** Messages whose failures are remembered, and for how long when another copy settles them. */
const SUSPECTS = { max: 10_000, ttl: 60_000, ttlAutopurge: true }
const MAX_DETAIL = 300

/** A handler that never throws: see BatchHandler. */
const isolating = (
  handle: BatchHandler,
  { logger, stream, durable }: Pick<ConsumeOptions, 'logger' | 'stream' | 'durable'>,
): BatchHandler => {
  /** By sequence: the attempt at which a message first made the handler throw here. Another copy may get the next one. */
  const suspects = new LRUCache<number, number>(SUSPECTS)

  const failed = (delivery: Delivery, err: unknown): Verdict => {
    const { sequence, attempt } = delivery
    const first = suspects.get(sequence) ?? attempt
    const failures = attempt - first + 1
    logger.error({ err, stream, durable, sequence, failures }, 'message failed unexpectedly')
    if (failures >= MAX_FAILURES) {
      suspects.delete(sequence)
      return { kind: 'reject', reason: 'unexpected-error', detail: String(err).slice(0, MAX_DETAIL) }
    }
    suspects.set(sequence, first)
    return { kind: 'retry', delayMs: FAILURE_DELAY_MS * 2 ** (failures - 1) }
  }

  const isolate = async (batch: readonly Delivery[]): Promise<readonly Verdict[]> => {
    try {
      return await handle(batch)
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) {
        logger.warn({ err, durable, count: batch.length }, 'batch unavailable, will be redelivered')
        return batch.map(() => RETRY)
      }
      const [only] = batch
      if (batch.length === 1 && only !== undefined) return [failed(only, err)]
      const middle = batch.length >> 1
      return [...(await isolate(batch.slice(0, middle))), ...(await isolate(batch.slice(middle)))]
    }
  }

  return async (batch) => {
    if (suspects.size === 0) return isolate(batch)
    // What has failed before comes alone, after the others.
    const order = [...batch.keys()]
    const [suspected, others] = [true, false].map((is) =>
      order.filter((place) => suspects.has(batch[place]?.sequence ?? 0) === is),
    ) as [number[], number[]]
    const verdicts: Verdict[] = []
    for (const places of [others, ...suspected.map((place) => [place])]) {
      const part = places.flatMap((place) => batch[place] ?? [])
      const ofPart = part.length === 0 ? [] : await isolate(part)
      for (const [index, place] of places.entries()) verdicts[place] = ofPart[index] ?? RETRY
    }
    for (const [place, { sequence }] of batch.entries()) {
      if (verdicts[place]?.kind === 'ack') suspects.delete(sequence)
    }
    return verdicts
  }
}

type Watched = ConsumeOptions & { readonly telemetry: Telemetry; readonly watch: ConsumerWatch }

const settleBatch = async (batch: JsMsg[], options: Watched): Promise<void> => {
  const { watch, telemetry } = options
  const deliveries = batch.map((message): Delivery => {
    const { subject, data: payload, seq: sequence } = message
    const attempt = message.info.deliveryCount
    const traceparents = telemetry.tracing.isOn ? traceparentsIn(message, payload) : []
    const span = watch.delivered(subject, attempt, traceparents)
    return { subject, payload, sequence, attempt, span }
  })
  const end = watch.batch(deliveries.map(({ span }) => span))
  const verdicts = await options.handle(deliveries)
  const deadLetters: Promise<void>[] = []
  for (const [index, message] of batch.entries()) {
    const verdict = verdicts[index] ?? RETRY
    const span = deliveries[index]?.span
    const rejected = rejectedParts(verdict, message)
    // Without an await in between: all acknowledgements of a batch leave in one write.
    if (rejected.length > 0) deadLetters.push(deadLetter(message, verdict, rejected, span, options))
    else settle(message, verdict)
    watch.settled(
      verdict.kind,
      span,
      rejected.map(({ reason }) => reason),
    )
  }
  await Promise.all(deadLetters)
  end()
}

const rejectedParts = (verdict: Verdict, { data: payload }: JsMsg): readonly (RejectedPart & { detail?: string })[] => {
  if (verdict.kind === 'ack') return verdict.rejected ?? NOTHING
  if (verdict.kind === 'retry') return NOTHING
  const { reason, detail } = verdict
  return [{ reason, payload, ...(detail !== undefined && { detail }) }]
}

const NOTHING: readonly RejectedPart[] = []

/** 100 ms, 200 ms, … up to 10 s, give or take half. */
const backoffMs = (attempt: number): number =>
  Math.round(Math.min(10_000, 100 * 2 ** Math.min(attempt - 1, 7)) * (0.5 + Math.random()))

const settle = (message: JsMsg, verdict: Verdict): void => {
  if (verdict.kind === 'ack') message.ack()
  // Without the reason: servers before 2.10 take a terminate with a text after it for nothing at all.
  else if (verdict.kind === 'reject') message.term()
  else message.nak(verdict.delayMs ?? backoffMs(message.info.deliveryCount))
}

/** First into DEAD_LETTERS, then off the stream's pending list; if the former fails the message comes again. */
const deadLetter = async (
  message: JsMsg,
  verdict: Verdict,
  rejected: ReturnType<typeof rejectedParts>,
  span: Span | undefined,
  { stream, durable, publisher, logger, telemetry }: Watched,
): Promise<void> => {
  const traceId = span?.traceId ?? newTraceId()
  const { subject, seq: sequence } = message
  const reason = [...new Set(rejected.map(({ reason }) => reason))].join(', ')
  const found = { stream, subject, sequence, reason, trace_id: traceId }
  if (span === undefined) {
    const options = { attributes: sessionAttribute(subject) }
    const error = new Error(reason)
    telemetry.tracing.record({ name: SPANS.process(subject), traceparent: '', traceId, options, error })
  }
  const publishOne = ({ reason, detail = '', payload }: (typeof rejected)[number], part: number) => {
    const letter = create(DeadLetterSchema, {
      subject,
      stream,
      streamSequence: sequence,
      consumer: durable,
      deliveries: message.info.deliveryCount,
      reason,
      detail,
      payload: payload as Uint8Array<ArrayBuffer>,
      atMs: Date.now(),
      traceId,
    })
    const messageId = `${stream}-${durable}-${sequence}${part === 0 ? '' : `-${part}`}`
    return publisher.publish(subjects.dead(stream), toBinary(DeadLetterSchema, letter), span, messageId)
  }
  try {
    await Promise.all(rejected.map(publishOne))
    settle(message, verdict)
    logger.error({ ...found, count: rejected.length }, 'dead letter')
  } catch (err) {
    logger.warn({ err, ...found }, 'dead letter not stored yet')
    message.nak(backoffMs(message.info.deliveryCount))
  }
}
