import { fromBinary } from '@bufbuild/protobuf'
import { DeliverPolicy, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { type ScoreBatch, ScoreBatchSchema } from '#gen/score_pb'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'

const read = async (nc: NatsConnection, stream: string, subject: string): Promise<readonly Uint8Array[]> => {
  const consumer = await jetstream(nc).consumers.get(stream, {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.All,
  })
  const { num_pending: count } = await consumer.info()
  const payloads: Uint8Array[] = []
  if (count === 0) return payloads
  for await (const message of await consumer.fetch({ max_messages: count, expires: 1_000 })) payloads.push(message.data)
  return payloads
}

/** Every message of the session in FEED, in the order of the stream. */
export const feedOf = async (nc: NatsConnection, sessionId: string): Promise<readonly FeedMessage[]> =>
  (await read(nc, streams.feed, subjects.feed(sessionId))).map((payload) => fromBinary(FeedMessageSchema, payload))

export const scoresOf = async (nc: NatsConnection, sessionId: string): Promise<readonly ScoreBatch[]> =>
  (await read(nc, streams.scores, subjects.score(sessionId))).map((payload) => fromBinary(ScoreBatchSchema, payload))

/** What happened, but for extensions: a busy machine may take a while to store a message. */
export const eventsOf = (feed: readonly FeedMessage[]): readonly (string | undefined)[] =>
  feed.map(({ event }) => event?.event.case).filter((happened) => happened !== 'questionExtended')

/** Throws unless the epochs are 1, 2, 3, … */
export const assertContiguous = (feed: readonly FeedMessage[]): void => {
  const epochs = feed.map(({ epoch }) => epoch)
  if (!epochs.every((epoch, place) => epoch === place + 1)) throw new Error(`epochs in FEED: ${epochs.join(' ')}`)
}
