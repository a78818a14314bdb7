import { fromBinary } from '@bufbuild/protobuf'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node'
import { type DeadLetter, DeadLetterSchema } from '#gen/dead_letter_pb'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { createPublisher, type Publisher } from '#platform/publisher'
import type { TestContext } from './server.ts'

export type TestBus = {
  readonly nc: NatsConnection
  readonly manager: JetStreamManager
  readonly publisher: Publisher
  /** Messages that the durable consumer has not got or not acknowledged yet. */
  pending(stream: string, durable: string): Promise<number>
  /** Payloads of everything on a subject of a stream, oldest first. */
  payloads(stream: string, subject: string): Promise<readonly Uint8Array[]>
  /** Dead letters of a stream, oldest first. */
  deadLetters(stream: string): Promise<readonly DeadLetter[]>
  /** How long the server waits for an acknowledgement before it delivers again. */
  setAckWait(stream: string, durable: string, ms: number): Promise<void>
}

/** The test's own connection to NATS, with what tests of workers look at. */
export const connectBus = async (t: TestContext, url: string): Promise<TestBus> => {
  const nc = await connect({ servers: url, name: 'test', maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  t.teardown(() => nc.close())
  const manager = await jetstreamManager(nc)

  const payloads = async (stream: string, subject: string): Promise<readonly Uint8Array[]> => {
    const found: Uint8Array[] = []
    let seq = 1
    for (;;) {
      // Every server takes next_by_subj; the client's types have it for direct gets only.
      const message = await manager.streams.getMessage(stream, { seq, next_by_subj: subject } as { seq: number })
      if (message === null) return found
      found.push(message.data)
      seq = message.seq + 1
    }
  }

  return {
    nc,
    manager,
    publisher: createPublisher(nc),
    payloads,
    pending: async (stream, durable) => {
      const info = await manager.consumers.info(stream, durable)
      return info.num_pending + info.num_ack_pending
    },
    deadLetters: async (stream) =>
      (await payloads(streams.deadLetters, subjects.dead(stream))).map((payload) =>
        fromBinary(DeadLetterSchema, payload),
      ),
    setAckWait: async (stream, durable, ms) => {
      await manager.consumers.update(stream, durable, { ack_wait: nanos(ms) })
    },
  }
}
