import {
  type ConnectionOptions,
  connect,
  createInbox,
  type NatsConnection,
  PermissionViolationError,
} from '@nats-io/transport-node'
import { METRICS } from './contract/names.ts'
import { inboxes } from './contract/subjects.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './telemetry/metrics.ts'

export type { Msg, NatsConnection } from '@nats-io/transport-node'

/** How long a process that published where it may not is not ready: long enough to be noticed. */
const IMPAIRED_MS = 60_000
const LOG_VIOLATIONS_EVERY_MS = 1_000

/**
 * Addresses, credentials and inboxes as the client wants them. User and password are those of the first address that has
 * any; a `tls://` address makes TLS a condition (NODE_EXTRA_CA_CERTS names an authority of one's own).
 */
export const natsOptions = (url: string, service: string): ConnectionOptions => {
  const addresses = url.split(',').map((address) => new URL(address))
  const named = addresses.find(({ username }) => username !== '')
  return {
    // Without credentials: the client would take the digits of a password for a port, and tells addresses in its errors.
    servers: addresses.map(({ host }) => host),
    inboxPrefix: inboxes.requests(service),
    ...(named !== undefined && {
      user: decodeURIComponent(named.username),
      pass: decodeURIComponent(named.password),
    }),
    ...(addresses.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  }
}

/**
 * One connection that never gives up: waits for the first connect, reconnects for ever with jitter, notices a dead
 * server by pings within 10 s. It is drained at stop. If it closes for any other reason the process ends, as it does
 * when credentials or a subscription are refused: it would be deaf.
 */
export const connectNats = async (options: {
  url: string
  /** Whose rights these are; the prefix of the inboxes. */
  service: string
  name: string
  logger: Logger
  lifecycle: Lifecycle
}): Promise<NatsConnection> => {
  const { url, service, name, logger, lifecycle } = options
  const nc = await connect({
    ...natsOptions(url, service),
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
  void followStatus(nc, logger, lifecycle)
  return nc
}

const followStatus = async (nc: NatsConnection, logger: Logger, lifecycle: Lifecycle): Promise<void> => {
  const onViolation = createViolationListener(logger, lifecycle)
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') logger.warn('NATS disconnected')
    else if (status.type === 'reconnect') logger.info('NATS reconnected')
    else if (status.type === 'slowConsumer') logger.warn('NATS subscription is slow')
    else if (status.type !== 'error') continue
    else if (status.error instanceof PermissionViolationError) onViolation(status.error)
    else logger.warn({ err: status.error }, 'NATS error')
  }
}

/** A missing right does not appear by waiting: a subscription is gone, and a refused publish shows nowhere else. */
const createViolationListener = (logger: Logger, lifecycle: Lifecycle): ((error: PermissionViolationError) => void) => {
  let loggedAt = Number.NEGATIVE_INFINITY
  return (error) => {
    const { operation, subject } = error
    if (operation === 'subscription') {
      lifecycle.fail(error, 'NATS permissions violation: subscription refused')
      return
    }
    // A reply that is refused is the loss of who asked, perhaps a person at a terminal with rights and an inbox of their own.
    if (!subject.startsWith('_INBOX')) lifecycle.impair(IMPAIRED_MS)
    if (performance.now() - loggedAt < LOG_VIOLATIONS_EVERY_MS) return
    loggedAt = performance.now()
    logger.error({ operation, subject }, 'NATS permissions violation: not published')
  }
}

/** A new inbox for PubAcks within the rights of the connection's user. */
export const createAckInbox = (nc: NatsConnection): string => {
  // The connection has its options, its type does not say so.
  const { inboxPrefix = '_INBOX' } = (nc as unknown as { options: ConnectionOptions }).options
  return createInbox(inboxPrefix.replace('_INBOX', '_ACK'))
}

/** Calls `listener` after every reconnect; state learnt by core NATS before it may have holes. */
export const onReconnect = async (nc: NatsConnection, listener: () => void): Promise<void> => {
  for await (const status of nc.status()) if (status.type === 'reconnect') listener()
}

/** Follows the connection until it is closed. The result tells whether it is up. */
export const observeBus = (nats: NatsConnection, metrics: Metrics): (() => boolean) => {
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
  return () => isConnected
}
