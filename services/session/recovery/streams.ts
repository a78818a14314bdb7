import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { answersStream, evaluatorDurable, MAX_PARTITIONS } from '#platform/contract/streams'
import { workerConsumer } from '#platform/contract/worker-consumer'
import type { NatsConnection } from '#platform/nats'

const TIMEOUT_MS = 5_000
const PAGE = 1_000

export interface StoredMessage {
  readonly subject: string
  readonly data: Uint8Array
}

/** Reads a stream to its present end: the last message of each subject, or all since a time. */
export const readStream = async (
  nc: NatsConnection,
  stream: string,
  { subject, since }: { readonly subject: string; readonly since?: Date },
  onPage: (messages: readonly StoredMessage[]) => Promise<void>,
): Promise<void> => {
  const from =
    since === undefined
      ? { deliver_policy: DeliverPolicy.LastPerSubject }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since.toISOString() }
  const consumer = await jetstream(nc, { timeout: TIMEOUT_MS }).consumers.get(stream, {
    filter_subjects: subject,
    ...from,
  })
  try {
    let pending = (await consumer.info()).num_pending
    while (pending > 0) {
      const before = pending
      const messages: StoredMessage[] = []
      const page = await consumer.fetch({ max_messages: Math.min(PAGE, pending), expires: TIMEOUT_MS })
      for await (const { subject, data, info } of page) {
        messages.push({ subject, data })
        pending = info.pending
      }
      if (pending === before) throw new Error(`${stream} cannot be read to its end`)
      await onPage(messages)
    }
  } finally {
    await consumer.delete()
  }
}

/** What the ledger is made of, and who makes it: as many partitions as there are. */
const answerConsumers = async (manager: JetStreamManager) => {
  const found: { stream: string; durable: string; info: ConsumerInfo | undefined }[] = []
  for (let partition = 0; partition < MAX_PARTITIONS; partition += 1) {
    const [stream, durable] = [answersStream(partition), evaluatorDurable(partition)]
    try {
      await manager.streams.info(stream)
    } catch (err) {
      if (isError(err, JetStreamApiCodes.StreamNotFound)) break
      throw err
    }
    const info = await manager.consumers.info(stream, durable).catch((err: unknown) => {
      if (isError(err, JetStreamApiCodes.ConsumerNotFound)) return undefined
      throw err
    })
    found.push({ stream, durable, info })
  }
  return found
}

const isError = (err: unknown, code: number): boolean => err instanceof JetStreamApiError && err.code === code

/**
 * Sets the workers back to the first answer since a time, or to the first that they have not settled if that is earlier: they
 * evaluate and score everything from there again, and what counted already does not count twice. Returns how many messages
 * that are. A worker's consumer is deleted and made again for this, because servers before 2.14 cannot set one back; where
 * it is missing, because this was interrupted before, all that the stream holds is done again.
 */
export const replayAnswers = async (nc: NatsConnection, since: Date): Promise<number> => {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: TIMEOUT_MS })
  let count = 0
  for (const { stream, durable, info } of await answerConsumers(manager)) {
    const begun = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 1 }
    if (info !== undefined) {
      const first = Math.min(await firstSince(manager, stream, since), info.ack_floor.stream_seq + 1)
      begun.opt_start_seq = Math.max(1, first)
      await manager.consumers.delete(stream, durable)
    }
    const config = { ...workerConsumer, ...info?.config, durable_name: durable, ...begun }
    count += (await manager.consumers.add(stream, config)).num_pending
  }
  return count
}

/** Messages that the workers have not settled. */
export const unsettledAnswers = async (nc: NatsConnection): Promise<number> => {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: TIMEOUT_MS })
  const consumers = await answerConsumers(manager)
  return consumers.reduce(
    (sum, { info }) => sum + (info === undefined ? 0 : info.num_pending + info.num_ack_pending),
    0,
  )
}

/** The sequence at which a consumer that starts at this time starts. */
const firstSince = async (manager: JetStreamManager, stream: string, since: Date): Promise<number> => {
  const { name, delivered } = await manager.consumers.add(stream, {
    name: `reconcile-${process.pid}-${Date.now()}`,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since.toISOString(),
    inactive_threshold: nanos(10_000),
    mem_storage: true,
  })
  await manager.consumers.delete(stream, name)
  return delivered.stream_seq + 1
}
