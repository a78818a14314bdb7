import { createStoreProbe } from '#platform/health'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { runService } from '#platform/service'
import { configSpec } from './config.ts'
import { startScorer } from './scorer.ts'

await runService('scorer', configSpec, async (service) => {
  const { config, nats, telemetry } = service
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  startScorer(service, { pool, publisher })
  return createStoreProbe(publisher, pool)
})
