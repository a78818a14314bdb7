import { randomUUID } from 'node:crypto'
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node'
import { answersStream, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { serveParent } from '../lib/processes.ts'
import { repeatFor, type TurnReport } from './program.ts'

/**
 * `publish`: messages of the size of an answer, so many at a time, until JetStream has stored them. `consume`: fetches what
 * was published and acknowledges every message. `consume-in-order`: acknowledges the last of five hundred for all of them, as
 * only a single reader may. `publish-batches`, `consume-batches`: with 32 answers in a message. Nothing is decoded; operations are answers.
 */

const WINDOW = 500
/** Bytes of an encoded answer. */
const PAYLOAD = Buffer.alloc(173, 1)
const BATCH = 32
const BATCH_PAYLOAD = Buffer.alloc(BATCH * PAYLOAD.length, 1)
/** Messages with batches at a time. */
const BATCH_WINDOW = 32

export interface JetStreamTurn {
  readonly kind: 'publish' | 'consume' | 'consume-in-order' | 'publish-batches' | 'consume-batches'
  readonly seconds: number
}

let nc: NatsConnection
let consumer: Consumer
let inOrder: Consumer
let ofBatches: Consumer
const inbox = createInbox()
let waiting = 0
let whenAnswered: (() => void) | undefined
let refused = 0

const start = async (url: string): Promise<void> => {
  nc = await connect({ servers: url, noAsyncTraces: true })
  nc.subscribe(inbox, {
    callback: (err, { data }) => {
      if (err !== null || Buffer.from(data.buffer, data.byteOffset, data.length).includes('error')) refused += 1
      waiting -= 1
      if (waiting === 0) whenAnswered?.()
    },
  })
  await nc.flush()
  consumer = await addConsumer(answersStream(0), AckPolicy.Explicit)
  inOrder = await addConsumer(answersStream(0), AckPolicy.All)
  ofBatches = await addConsumer(streams.evaluations, AckPolicy.Explicit)
}

const addConsumer = async (stream: string, ackPolicy: AckPolicy): Promise<Consumer> => {
  const name = `ceiling-${randomUUID()}`
  const manager = await jetstreamManager(nc)
  await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: ackPolicy,
    deliver_policy: DeliverPolicy.All,
    max_ack_pending: 10_000,
  })
  return jetstream(nc).consumers.get(stream, name)
}

const publish = async (messages: number, subjectOf: () => string, payload: Uint8Array): Promise<void> => {
  const answered = new Promise<void>((resolve) => {
    whenAnswered = resolve
  })
  waiting = messages
  for (let n = 0; n < messages; n++) nc.publish(subjectOf(), payload, { reply: inbox })
  await answered
  if (refused > 0) throw new Error(`${refused} messages were refused`)
}

const publishAnswers = async (): Promise<number> => {
  await publish(WINDOW, () => subjects.answers(0), PAYLOAD)
  return WINDOW
}

const publishBatches = async (): Promise<number> => {
  await publish(BATCH_WINDOW, () => subjects.evaluations, BATCH_PAYLOAD)
  return BATCH_WINDOW * BATCH
}

const fetchAndAck = async (consumer: Consumer, max_messages: number): Promise<number> => {
  let messages = 0
  for await (const message of await consumer.fetch({ max_messages, expires: 1_000 })) {
    message.ack()
    messages += 1
  }
  return messages
}

const fetchAndAckTheLast = async (): Promise<number> => {
  let messages = 0
  let last: JsMsg | undefined
  for await (const message of await inOrder.fetch({ max_messages: WINDOW, expires: 1_000 })) {
    last = message
    messages += 1
  }
  last?.ack()
  return messages
}

/** Two requests at a time, so that the server always has one. */
const consume = async (window: number, fetch: () => Promise<number>): Promise<number> => {
  const [some, more] = await Promise.all([fetch(), fetch()])
  if (some + more < 2 * window) throw new Error('there is nothing left to consume')
  return some + more
}

const steps: Readonly<Record<JetStreamTurn['kind'], () => Promise<number>>> = {
  publish: publishAnswers,
  consume: () => consume(WINDOW, () => fetchAndAck(consumer, WINDOW)),
  'consume-in-order': () => consume(WINDOW, fetchAndAckTheLast),
  'publish-batches': publishBatches,
  'consume-batches': async () => BATCH * (await consume(BATCH_WINDOW, () => fetchAndAck(ofBatches, BATCH_WINDOW))),
}

serveParent(async (message: { kind: 'start'; url: string } | JetStreamTurn): Promise<TurnReport | undefined> => {
  if (message.kind === 'start') return void (await start(message.url))
  return repeatFor(message.seconds, steps[message.kind])
})
