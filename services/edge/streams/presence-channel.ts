import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { PresenceReportSchema } from '#gen/presence_pb'
import { subjects } from '#platform/contract/subjects'
import type { Logger } from '#platform/logger'
import type { PresenceChannel } from './presence.ts'

/** Core NATS between the edges. */
export const createPresenceChannel = (options: {
  readonly nats: NatsConnection
  readonly logger: Logger
}): PresenceChannel => {
  const { nats, logger } = options
  return {
    publish: ({ sessionId, edgeId, connected, asks, takeovers }) => {
      if (nats.isClosed() || nats.isDraining()) return
      const report = create(PresenceReportSchema, {
        sessionId,
        edgeId,
        connected,
        asks,
        takeovers: takeovers.map((takeover) => ({ sessionId, ...takeover })),
      })
      nats.publish(subjects.presence(sessionId), toBinary(PresenceReportSchema, report))
    },
    subscribe: (sessionId, listener) => {
      const subscription = nats.subscribe(subjects.presence(sessionId), {
        callback: (err, { data }) => {
          try {
            if (err !== null) throw err
            listener(fromBinary(PresenceReportSchema, data))
          } catch (err) {
            logger.error({ err, sessionId }, 'presence report not understood')
          }
        },
      })
      return () => subscription.unsubscribe()
    },
  }
}
