import { consume } from '#lib/consumer'
import { durables, streams } from '#lib/contract/streams'
import { patiently } from '#lib/patience'
import { createPool } from '#lib/pg'
import { createJetStreamProbe } from '#lib/probe'
import { createPublisher } from '#lib/publisher'
import { runService } from '#lib/service'
import { createAnswerHandler } from './adapters/answer-handler.ts'
import { createEvaluationPublisher } from './adapters/evaluation-publisher.ts'
import { createKeyCache } from './adapters/key-cache.ts'
import { createKeySource } from './adapters/key-source.ts'
import { createEvaluateAnswers } from './app/evaluate-answers.ts'
import { configSpec } from './config.ts'

await runService('evaluator', configSpec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, logger, lifecycle, telemetry, max: 2 })
  const publisher = createPublisher(nats, { telemetry })
  const maxQuestions = config.EVALUATOR_CACHED_QUESTIONS
  const evaluateAnswers = createEvaluateAnswers({
    keys: createKeyCache({ source: createKeySource(pool), maxQuestions, logger }),
    evaluations: createEvaluationPublisher(publisher, telemetry),
  })
  // Short: sessions whose keys are known queue up behind a batch that has none.
  const patience = { what: 'evaluating', logger, isStopping: lifecycle.isStopping, deadlineMs: 2_000 }
  consume({
    nc: nats,
    publisher,
    lifecycle,
    logger,
    telemetry,
    stream: streams.answers,
    durable: durables.evaluator,
    handle: createAnswerHandler((answers) => patiently(() => evaluateAnswers(answers), patience)),
  })
  const probe = createJetStreamProbe({ publisher })
  return async () => (await probe()) && (await pool.query('SELECT 1')).rowCount === 1
})
