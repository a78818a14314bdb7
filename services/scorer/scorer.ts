import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import type { Pool } from '#platform/pg'
import type { Publisher } from '#platform/publisher'
import { retryWhileUnavailable } from '#platform/retry'
import type { Service } from '#platform/service'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import type { configSpec } from './config.ts'
import { createEvaluationHandler } from './evaluation-handler.ts'
import { createPostgresLedger } from './ledger.ts'
import { createScoreAnswers } from './score-answers.ts'
import { createPublishScores } from './score-publisher.ts'

/** Scores evaluations until the stop. */
export const startScorer = (
  { config, logger, lifecycle, nats, telemetry }: Service<typeof configSpec>,
  { pool, publisher }: { readonly pool: Pool; readonly publisher: Publisher },
): void => {
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
}
