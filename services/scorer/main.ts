import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { createJetStreamProbe } from '#platform/health'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { retryWhileUnavailable } from '#platform/retry'
import { runService } from '#platform/service'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import { configSpec } from './config.ts'
import { createEvaluationHandler } from './evaluation-handler.ts'
import { createPostgresLedger } from './ledger.ts'
import { createScoreAnswers } from './score-answers.ts'
import { createPublishScores } from './score-publisher.ts'

await runService('scorer', configSpec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, logger, lifecycle, telemetry, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  const scoreAnswers = createScoreAnswers(
    createPostgresLedger(pool, logger, telemetry),
    createPublishScores(publisher, nats, telemetry.tracing),
    createRuleBook(RULES),
  )
  const retry = { what: 'scoring', logger, isStopping: lifecycle.isStopping }
  consume({
    nc: nats,
    publisher,
    lifecycle,
    logger,
    telemetry,
    stream: streams.evaluations,
    durable: durables.scorer,
    maxBatch: 200,
    paceMs: config.SCORER_PACE_MS,
    handle: createEvaluationHandler(
      (batches) => retryWhileUnavailable(() => scoreAnswers(batches), retry),
      config.SCORER_BATCH_ANSWERS,
    ),
  })
  const probe = createJetStreamProbe({ publisher })
  return async () => (await probe()) && (await pool.query('SELECT 1')).rowCount === 1
})
