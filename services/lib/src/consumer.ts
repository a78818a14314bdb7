import { create, toBinary } from '@bufbuild/protobuf'
import { type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { DeadLetterSchema } from '#gen/dead_letter_pb'
import { subjects } from './contract/subjects.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import type { Publisher } from './publisher.ts'

/** One delivered message, as handlers see it. */
export interface Delivery {
  readonly subject: string
  readonly payload: Uint8Array
  readonly sequence: number
  /** 1 the first time. */
  readonly attempt: number
}

/**
 * What becomes of a delivery: `ack` when its effect is durable (also if it was before), `retry` for anything transient,
 * after `delayMs` or a growing, jittered delay, `reject` for what can never succeed (to DEAD_LETTERS).
 */
export type Verdict =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly delayMs?: number }
  | { readonly kind: 'reject'; readonly reason: string }

export const ACK: Verdict = { kind: 'ack' }
export const RETRY: Verdict = { kind: 'retry' }
export const reject = (reason: string): Verdict => ({ kind: 'reject', reason })

/** Returns one verdict per delivery, in order. A throw means `retry` for all of them. */
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
}

/** Messages asked for ahead of the handler; twice the batch keeps it busy. */
const PREFETCH = 1_000
const REOPEN_DELAY_MS = 500

/**
 * Pulls from a durable consumer for as long as the process lives and hands over whatever has arrived, one batch at a
 * time: a lone message goes at once, under load batches grow by themselves. Only this module settles messages.
 * Survives a deleted consumer or stream and a server that went away.
 */
export const consume = (options: ConsumeOptions): void => {
  const { nc, lifecycle, logger, stream, durable, handle, maxBatch = 500 } = options
  let messages: ConsumerMessages | undefined
  let stopped = false

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        const consumer = await jetstream(nc).consumers.get(stream, durable)
        messages = await consumer.consume({ max_messages: PREFETCH, expires: 5_000, idle_heartbeat: 1_000 })
        const opened = messages
        void closeWhenLost(opened, logger, durable)
        await pump(opened, maxBatch, (batch) => settleBatch(batch, handle, options))
      } catch (err) {
        if (stopped) return
        logger.warn({ err, durable }, 'consumer interrupted')
      }
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, REOPEN_DELAY_MS))
    }
  }

  const running = run()
  lifecycle.onStop(`consumer ${durable}`, async () => {
    stopped = true
    await messages?.close()
    await running
  })
}

/** Ends the iteration when the consumer is gone for good, so that it is looked up anew. */
const closeWhenLost = async (messages: ConsumerMessages, logger: Logger, durable: string): Promise<void> => {
  for await (const status of messages.status()) {
    const lost =
      status.type === 'consumer_deleted' ||
      status.type === 'stream_not_found' ||
      status.type === 'consumer_not_found' ||
      (status.type === 'heartbeats_missed' && status.count >= 5)
    if (!lost) continue
    logger.warn({ durable, status: status.type }, 'consumer lost, reopening')
    await messages.close()
    return
  }
}

/** Collects messages while a batch is being handled; holds the iterator back at two batches. */
const pump = async (
  messages: ConsumerMessages,
  maxBatch: number,
  handle: (batch: JsMsg[]) => Promise<void>,
): Promise<void> => {
  let waiting: JsMsg[] = []
  let working: Promise<void> | undefined

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      await handle(batch)
      // The acks just made leave before the next batch, and messages that have arrived are collected into it.
      await new Promise((resolve) => setImmediate(resolve))
    }
    working = undefined
  }

  for await (const message of messages) {
    waiting.push(message)
    working ??= new Promise((resolve) => setImmediate(resolve)).then(work)
    if (waiting.length >= maxBatch * 2) await working
  }
  await working
}

const settleBatch = async (batch: JsMsg[], handle: BatchHandler, options: ConsumeOptions): Promise<void> => {
  const deliveries = batch.map((message) => ({
    subject: message.subject,
    payload: message.data,
    sequence: message.seq,
    attempt: message.info.deliveryCount,
  }))
  let verdicts: readonly Verdict[]
  try {
    verdicts = await handle(deliveries)
  } catch (err) {
    options.logger.error({ err, durable: options.durable, count: batch.length }, 'batch failed, will be redelivered')
    verdicts = batch.map(() => RETRY)
  }
  for (const [index, message] of batch.entries()) await settle(message, verdicts[index] ?? RETRY, options)
}

/** 100 ms, 200 ms, … up to 10 s, give or take half. */
const backoffMs = (attempt: number): number =>
  Math.round(Math.min(10_000, 100 * 2 ** Math.min(attempt - 1, 7)) * (0.5 + Math.random()))

const settle = async (message: JsMsg, verdict: Verdict, options: ConsumeOptions): Promise<void> => {
  switch (verdict.kind) {
    case 'ack':
      message.ack()
      return
    case 'retry':
      message.nak(verdict.delayMs ?? backoffMs(message.info.deliveryCount))
      return
    case 'reject':
      await bury(message, verdict.reason, options)
      return
    default:
      verdict satisfies never
  }
}

/** First into DEAD_LETTERS, then off the stream's pending list; if the former fails the message comes again. */
const bury = async (message: JsMsg, reason: string, options: ConsumeOptions): Promise<void> => {
  const { stream, durable, publisher, logger } = options
  const letter = create(DeadLetterSchema, {
    subject: message.subject,
    stream,
    streamSequence: message.seq,
    consumer: durable,
    deliveries: message.info.deliveryCount,
    reason,
    payload: message.data,
    atMs: Date.now(),
  })
  try {
    await publisher.publish(
      subjects.dead(stream),
      toBinary(DeadLetterSchema, letter),
      `${stream}-${durable}-${message.seq}`,
    )
    // Without the reason: servers before 2.10 take a terminate with a text after it for nothing at all.
    message.term()
    logger.error({ stream, sequence: message.seq, reason }, 'dead letter')
  } catch (err) {
    logger.warn({ err, stream, sequence: message.seq, reason }, 'dead letter not stored yet')
    message.nak(backoffMs(message.info.deliveryCount))
  }
}
