import { fromBinary } from '@bufbuild/protobuf'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { SPANS } from '#platform/contract/names'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Tracing } from '#platform/telemetry'
import { noTracing, TRACEPARENT } from '#platform/telemetry/tracing'
import type { FeedEntry, FeedLog } from '../ports.ts'

export interface FeedLogOptions {
  readonly nats: NatsConnection
  readonly manager: JetStreamManager
  readonly logger: Logger
  readonly tracing?: Tracing | undefined
}

/** FEED: stored by JetStream, republished to core NATS. */
export const createFeedLog = ({ nats, manager, logger, tracing = noTracing }: FeedLogOptions): FeedLog => ({
  subscribe: (sessionId, listener) => {
    const subscription = nats.subscribe(subjects.liveFeed(sessionId), {
      callback: (err, { headers, data }) => {
        if (err !== null) {
          logger.error({ err, sessionId }, 'feed subscription failed')
          return
        }
        const position = Number(headers?.get('Nats-Sequence'))
        const message = decode(sessionId, position, data, logger)
        // An unreadable one is skipped: the next message shows a hole, and reading that back skips it for good.
        if (message === undefined) return
        const span = tracing.isOn
          ? tracing.resume(headers?.values(TRACEPARENT) ?? [], SPANS.process(subjects.liveFeed(sessionId)), CONSUMER)
          : undefined
        listener({ position, previous: Number(headers?.get('Nats-Last-Sequence')), message })
        span?.end()
      },
    })
    return () => subscription.unsubscribe()
  },
  // From the leader: a follower that lags would give an old message for the newest, and nothing would tell.
  last: (sessionId) =>
    reading(async () => {
      const stored = await manager.streams.getMessage(streams.feed, { last_by_subj: subjects.feed(sessionId) })
      if (stored === null) return undefined
      const message = decode(sessionId, stored.seq, stored.data, logger)
      if (message === undefined) throw new Error('the newest feed message is unreadable')
      return { position: stored.seq, previous: undefined, message }
    }),
  next: (sessionId, position) =>
    reading(async () => {
      let from = position
      for (;;) {
        const query = { seq: from + 1, next_by_subj: subjects.feed(sessionId) }
        const stored = await manager.direct.getMessage(streams.feed, query)
        if (stored === null) return undefined
        const message = decode(sessionId, stored.seq, stored.data, logger)
        if (message !== undefined) return { position: stored.seq, previous: undefined, message }
        from = stored.seq
      }
    }),
})

const CONSUMER = { role: 'consumer' } as const

const decode = (sessionId: string, position: number, data: Uint8Array, logger: Logger): FeedMessage | undefined => {
  try {
    if (!(position > 0)) throw new Error('no position')
    const message = fromBinary(FeedMessageSchema, data)
    if (message.sessionId !== sessionId) throw new Error('subject and payload disagree')
    if (message.state === undefined || message.internal === undefined) throw new Error('no state')
    return message
  } catch (err) {
    logger.error({ err, sessionId, position }, 'unreadable feed message')
    return undefined
  }
}

const reading = async (read: () => Promise<FeedEntry | undefined>): Promise<FeedEntry | undefined> => {
  try {
    return await read()
  } catch (cause) {
    throw new PodiumError('unavailable', { cause })
  }
}
