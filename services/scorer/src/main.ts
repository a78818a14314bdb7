import { consume } from '#lib/consumer'
import { durables, streams } from '#lib/contract/streams'
import { patiently } from '#lib/patience'
import { createPool } from '#lib/pg'
import { createJetStreamProbe } from '#lib/probe'
import { createPublisher } from '#lib/publisher'
import { runService } from '#lib/service'
import { createEvaluationHandler } from './adapters/evaluation-handler.ts'
import { createPostgresLedger } from './adapters/postgres-ledger.ts'
import { createScorePublisher } from './adapters/score-publisher.ts'
import { createScoreAnswers } from './app/score-answers.ts'
import { configSpec } from './config.ts'
import { createRuleBook, RULES } from './domain/rule-book.ts'

await runService('scorer', configSpec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, logger, lifecycle, telemetry, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  const scoreAnswers = createScoreAnswers({
    ledger: createPostgresLedger(pool, logger, telemetry),
    scores: createScorePublisher({ publisher, nats, tracing: telemetry.tracing }),
    ruleOf: createRuleBook(RULES),
  })
  const base = { nc: nats, publisher, lifecycle, logger, telemetry }
  consume({
    ...base,
    stream: streams.evaluations,
    durable: durables.scorer,
    maxBatch: 200,
    paceMs: config.SCORER_PACE_MS,
    handle: createEvaluationHandler({
      score: (batches) =>
        patiently(() => scoreAnswers(batches), { what: 'scoring', logger, isStopping: lifecycle.isStopping }),
      maxAnswers: config.SCORER_BATCH_ANSWERS,
    }),
  })
  const probe = createJetStreamProbe({ publisher })
  return async () => (await probe()) && (await pool.query('SELECT 1')).rowCount === 1
})
