import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { createJetStreamProbe } from '#platform/health'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { retryWhileUnavailable } from '#platform/retry'
import { runService } from '#platform/service'
import { createAnswerHandler } from './answer-handler.ts'
import { configSpec } from './config.ts'
import { createEvaluateAnswers } from './evaluate-answers.ts'
import { createPublishEvaluations } from './evaluation-publisher.ts'
import { createKeyCache, createKeySource } from './keys.ts'

await runService('evaluator', configSpec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, logger, lifecycle, telemetry, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  const evaluateAnswers = createEvaluateAnswers(
    createKeyCache(createKeySource(pool), { maxQuestions: config.EVALUATOR_CACHED_QUESTIONS, logger }),
    createPublishEvaluations(publisher, telemetry),
  )
  // Short: sessions whose keys are known queue up behind a batch that has none.
  const retry = { what: 'evaluating', logger, isStopping: lifecycle.isStopping, deadlineMs: 2_000 }
  consume({
    nc: nats,
    publisher,
    lifecycle,
    logger,
    telemetry,
    stream: streams.answers,
    durable: durables.evaluator,
    handle: createAnswerHandler((answers) => retryWhileUnavailable(() => evaluateAnswers(answers), retry)),
  })
  const probe = createJetStreamProbe({ publisher })
  return async () => (await probe()) && (await pool.query('SELECT 1')).rowCount === 1
})
