import { Redis } from 'ioredis'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'

export type { Redis } from 'ioredis'

/**
 * One connection that reconnects for ever. A command fails after 3 s rather than waiting for a server that is unavailable; the
 * caller redelivers its message instead.
 */
export const connectRedis = (options: { url: string; name: string; logger: Logger; lifecycle: Lifecycle }): Redis => {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    commandTimeout: 3_000,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(1_000, 50 * attempt),
  })
  redis.on('error', (err) => options.logger.warn({ err }, 'Redis error'))
  options.lifecycle.onStop('redis', () => redis.disconnect())
  return redis
}
