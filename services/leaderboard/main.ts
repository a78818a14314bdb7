import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { runService } from '#platform/service'
import { configSpec } from './config.ts'
import { startLeaderboard } from './leaderboard.ts'

await runService('leaderboard', configSpec, async (service) => {
  const { config, nats, telemetry } = service
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 4 })
  const redis = connectRedis({ ...service, url: config.REDIS_URL, name: config.INSTANCE })
  const publisher = createPublisher(nats, { telemetry })
  startLeaderboard(service, { pool, redis, publisher })
})
