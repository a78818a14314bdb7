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
import { createScoreAnswers, type PublishScores } from './score-answers.ts'
import { createPublishScores } from './score-publisher.ts'

export type ScoreAnswers = ReturnType<typeof createScoreAnswers>

/** The scorer as a function; it waits for a ledger that is unavailable. */
export const createScorer = (
  { config, logger, lifecycle, nats, telemetry }: Service<typeof configSpec>,
  pool: Pool,
  toBoards: PublishScores,
): ScoreAnswers => {
  const score = createScoreAnswers(
    createPostgresLedger(pool, logger, telemetry),
    createPublishScores(nats, toBoards),
    createRuleBook(RULES),
    config.SCORER_BATCH_ANSWERS,
  )
  const retry = { what: 'scoring', logger, isStopping: lifecycle.isStopping }
  return (batches) => retryWhileUnavailable(() => score(batches), retry)
}

/** Scores what comes in EVALUATIONS until the stop. */
export const consumeEvaluations = (
  { config, logger, lifecycle, nats: nc, telemetry }: Service<typeof configSpec>,
  publisher: Publisher,
  score: ScoreAnswers,
): void =>
  consume({
    nc,
    publisher,
    lifecycle,
    logger,
    telemetry,
    stream: streams.evaluations,
    durable: durables.scorer,
    maxBatch: 200,
    paceMs: config.SCORER_PACE_MS,
    handle: createEvaluationHandler(score),
  })
