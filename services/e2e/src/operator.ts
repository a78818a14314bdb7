import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Stack } from '../../../deploy/local/stack.ts'

/** The one place that knows how tests reach a stack's bus with every right. */
export const connectAsOperator = (stack: Stack): Promise<NatsConnection> =>
  connect({ servers: stack.urls.nats, name: 'operator' })
