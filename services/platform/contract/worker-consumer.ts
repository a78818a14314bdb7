import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'

/** What the durable consumers of all workers have in common; the rest is in deploy/nats. */
export const workerConsumer = {
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  // Redelivery for ever: only a verdict of the worker ends a message.
  max_deliver: -1,
  // What a worker had not acknowledged when it died is delivered again after this time; no batch takes longer.
  ack_wait: nanos(10_000),
  max_ack_pending: 20_000,
} as const
