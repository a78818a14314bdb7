import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'

export type { Msg, NatsConnection } from '@nats-io/transport-node'

/**
 * One connection that never gives up: waits for the first connect, reconnects for ever with jitter, notices a dead
 * server by pings within 10 s. It is drained at stop. If it closes for any other reason the process ends.
 */
export const connectNats = async (options: {
  url: string
  name: string
  logger: Logger
  lifecycle: Lifecycle
}): Promise<NatsConnection> => {
  const { url, name, logger, lifecycle } = options
  const nc = await connect({
    servers: url.split(','),
    name,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    timeout: 5_000,
    noAsyncTraces: true,
  })
  lifecycle.onStop('nats', () => (nc.isClosed() ? undefined : nc.drain()))
  void nc.closed().then((err) => {
    if (!lifecycle.isStopping()) lifecycle.fail(err, 'NATS connection closed')
  })
  void logStatus(nc, logger)
  return nc
}

const logStatus = async (nc: NatsConnection, logger: Logger): Promise<void> => {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') logger.warn('NATS disconnected')
    else if (status.type === 'reconnect') logger.info('NATS reconnected')
    else if (status.type === 'error') logger.warn({ err: status.error }, 'NATS error')
    else if (status.type === 'slowConsumer') logger.warn('NATS subscription is slow')
  }
}

/** Calls `listener` after every reconnect; state learnt by core NATS before it may have holes. */
export const onReconnect = async (nc: NatsConnection, listener: () => void): Promise<void> => {
  for await (const status of nc.status()) if (status.type === 'reconnect') listener()
}
