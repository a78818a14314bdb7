import { createStoreProbe } from '#platform/health'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { runService } from '#platform/service'
import { startEvaluator } from '../evaluator/evaluator.ts'
import { startLeaderboard } from '../leaderboard/leaderboard.ts'
import { startScorer } from '../scorer/scorer.ts'
import { configSpec } from './config.ts'

await runService('worker', configSpec, async (service) => {
  const { config, nats, telemetry } = service
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 6 })
  const redis = connectRedis({ ...service, url: config.REDIS_URL, name: config.INSTANCE })
  const publisher = createPublisher(nats, { telemetry })
  startLeaderboard(service, { pool, redis, publisher })
  startScorer(service, { pool, publisher })
  startEvaluator(service, { pool, publisher })
  return createStoreProbe(publisher, pool)
})
