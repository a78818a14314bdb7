import { createStoreProbe } from '#platform/health'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { runService } from '#platform/service'
import { startEvaluator } from '../evaluator/evaluator.ts'
import { startLeaderboard } from '../leaderboard/leaderboard.ts'
import { createStoreScores } from '../scorer/score-publisher.ts'
import { consumeEvaluations, createScorer } from '../scorer/scorer.ts'
import { configSpec } from './config.ts'
import { createHandOver } from './hand-over.ts'

await runService('worker', configSpec, async (service) => {
  const { config, nats, telemetry, logger } = service
  const { tracing } = telemetry
  const pool = createPool({ ...service, url: config.DATABASE_URL, name: config.INSTANCE, max: 6 })
  const redis = connectRedis({ ...service, url: config.REDIS_URL, name: config.INSTANCE })
  const publisher = createPublisher(nats, { telemetry })
  const boards = startLeaderboard(service, { pool, redis, publisher, onApplied: () => handOver.isBack() })
  const handOver = createHandOver({ ...boards, store: createStoreScores(publisher, tracing), tracing, logger })
  const score = createScorer(service, pool, handOver.toBoards)
  // Of copies whose roles have processes of their own, if there are any.
  consumeEvaluations(service, publisher, score)
  startEvaluator(service, {
    pool,
    publisher,
    handOn: (sessions) => score(sessions.map((batch) => ({ ...batch, span: tracing.join(new Set(batch.spans)) }))),
    paceMs: config.SCORER_PACE_MS,
    // While the boards get one batch the ledger gets the next.
    concurrency: 2,
  })
  return createStoreProbe(publisher, pool)
})
