import { Redis, type RedisOptions } from 'ioredis'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'

export type { Redis } from 'ioredis'

type ClientOptions = Pick<
  RedisOptions,
  'lazyConnect' | 'connectionName' | 'connectTimeout' | 'commandTimeout' | 'maxRetriesPerRequest' | 'retryStrategy'
>

/** How long a Sentinel has to answer before the next one is asked. */
const SENTINEL_TIMEOUT_MS = 1_000

/**
 * A client for REDIS_URL: one server (`redis://`, `rediss://`), or the master that Sentinels name:
 *
 *     redis+sentinel://user:password@host:26379/NAME?sentinelPassword=…,redis+sentinel://host2:26379/NAME
 *
 * NAME is that of the master at the Sentinels; `rediss+sentinel://` uses TLS for both. User and password are those of Redis, and of
 * the first address, as is `sentinelPassword`, which is needed only where Sentinels ask for one. After a failover the connection
 * to the former master is closed, and the new one has another run id, by which boards are found lost and rebuilt.
 */
export const createRedisClient = (url: string, options: ClientOptions): Redis => {
  const addresses = url.split(',').map((address) => new URL(address))
  const [first] = addresses
  if (first?.protocol.includes('+sentinel') !== true) return new Redis(url, options)
  const { username, password, pathname, searchParams, protocol } = first
  const sentinelPassword = searchParams.get('sentinelPassword')
  return new Redis({
    ...options,
    name: pathname.slice(1),
    sentinels: addresses.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 26_379) })),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(protocol === 'rediss+sentinel:' && { tls: {}, enableTLSForSentinelMode: true }),
    connectTimeout: options.connectTimeout ?? 5_000,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    // Closes the connection to a master that hangs or is cut off: without it only an error would end that.
    failoverDetector: true,
    ...(options.retryStrategy && { sentinelRetryStrategy: options.retryStrategy }),
  })
}

/**
 * One connection that reconnects for ever. A command fails after 3 s rather than waiting for a server that is unavailable; the
 * caller redelivers its message instead.
 */
export const connectRedis = (options: { url: string; name: string; logger: Logger; lifecycle: Lifecycle }): Redis => {
  const redis = createRedisClient(options.url, {
    connectionName: options.name,
    commandTimeout: 3_000,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(1_000, 50 * attempt),
  })
  redis.on('error', (err) => options.logger.warn({ err }, 'Redis error'))
  options.lifecycle.onStop('redis', () => redis.disconnect())
  return redis
}
