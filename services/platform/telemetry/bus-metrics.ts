import type { NatsConnection } from '@nats-io/transport-node'
import { METRICS } from '../contract/names.ts'
import type { Metrics } from './metrics.ts'

/** Follows the connection until it is closed. */
export const observeBus = (nats: NatsConnection, metrics: Metrics): void => {
  let isConnected = true
  const reconnects = metrics.counter(METRICS.busReconnects)
  metrics.observe(METRICS.busConnected, () => (isConnected ? 1 : 0))
  const follow = async (): Promise<void> => {
    for await (const { type } of nats.status()) {
      if (type === 'disconnect') isConnected = false
      if (type !== 'reconnect') continue
      isConnected = true
      reconnects.add()
    }
    isConnected = false
  }
  void follow() // ends with the connection, never rejects
}
