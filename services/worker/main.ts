import { answersQueries, createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { runService } from '#platform/service'
import { createPublishEvaluations } from '../evaluator/evaluation-publisher.ts'
import { startEvaluator } from '../evaluator/evaluator.ts'
import { startLeaderboard } from '../leaderboard/leaderboard.ts'
import { createStoreScores } from '../scorer/score-publisher.ts'
import { consumeEvaluations, createScorer } from '../scorer/scorer.ts'
import { configSpec } from './config.ts'
import { createHandOver } from './hand-over.ts'

await runService('worker', configSpec, async (service) => {
  const { config, nats, telemetry, logger } = service
  const { tracing } = telemetry
  const roles = config.WORKER_ROLES
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 6 })
  const publisher = createPublisher(nats, { telemetry })
  const store = createStoreScores(publisher, tracing)

  const startBoards = () => {
    const redis = connectRedis({ ...service, url: config.REDIS_URL, name: config.INSTANCE })
    const { apply } = startLeaderboard(service, { pool, redis, publisher, onApplied: () => handOver.isBack() })
    const handOver = createHandOver({ apply, store, tracing, logger })
    return handOver.toBoards
  }
  const toBoards = roles.has('leaderboard') ? startBoards() : store

  const score = createScorer(service, pool, toBoards)
  // Of copies whose evaluator is a process of its own, if there are any.
  if (roles.has('scorer')) consumeEvaluations(service, publisher, score)

  if (roles.has('evaluator') && roles.has('scorer')) {
    startEvaluator(service, {
      pool,
      publisher,
      handOn: (sessions) => score(sessions.map((batch) => ({ ...batch, span: tracing.join(new Set(batch.spans)) }))),
      paceMs: config.SCORER_PACE_MS,
      // While the boards get one batch the ledger gets the next.
      concurrency: 2,
    })
  } else if (roles.has('evaluator')) {
    startEvaluator(service, { pool, publisher, handOn: createPublishEvaluations(publisher, telemetry) })
  }
  return answersQueries(pool)
})
