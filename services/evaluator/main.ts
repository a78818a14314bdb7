import { answersQueries, createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { runService } from '#platform/service'
import { configSpec } from './config.ts'
import { createPublishEvaluations } from './evaluation-publisher.ts'
import { startEvaluator } from './evaluator.ts'

await runService('evaluator', configSpec, async (service) => {
  const { config, nats, telemetry } = service
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  startEvaluator(service, { pool, publisher, handOn: createPublishEvaluations(publisher, telemetry) })
  return answersQueries(pool)
})
