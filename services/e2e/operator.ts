import { connect, type NatsConnection } from '@nats-io/transport-node'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'

/** The one place that knows how tests reach the bus of a stack with every right. */
export const connectAsOperator = (stack: Stack): Promise<NatsConnection> =>
  connect({ ...natsOptions(stack.urls.nats, 'admin'), name: 'operator' })
