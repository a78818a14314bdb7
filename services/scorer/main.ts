import { answersQueries, createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { runService } from '#platform/service'
import { configSpec } from './config.ts'
import { createStoreScores } from './score-publisher.ts'
import { consumeEvaluations, createScorer } from './scorer.ts'

await runService('scorer', configSpec, async (service) => {
  const { config, nats, telemetry } = service
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  const toBoards = createStoreScores(publisher, telemetry.tracing)
  consumeEvaluations(service, publisher, createScorer(service, pool, toBoards))
  return answersQueries(pool)
})
