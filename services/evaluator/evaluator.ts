import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import type { Pool } from '#platform/pg'
import type { Publisher } from '#platform/publisher'
import { retryWhileUnavailable } from '#platform/retry'
import type { Service } from '#platform/service'
import { createAnswerHandler } from './answer-handler.ts'
import type { configSpec } from './config.ts'
import { createEvaluateAnswers } from './evaluate-answers.ts'
import { createPublishEvaluations } from './evaluation-publisher.ts'
import { createKeyCache, createKeySource } from './keys.ts'

/** Evaluates answers until the stop. */
export const startEvaluator = (
  { config, logger, lifecycle, nats: nc, telemetry }: Service<typeof configSpec>,
  { pool, publisher }: { readonly pool: Pool; readonly publisher: Publisher },
): void => {
  const evaluateAnswers = createEvaluateAnswers(
    createKeyCache(createKeySource(pool), { maxQuestions: config.EVALUATOR_CACHED_QUESTIONS, logger }),
    createPublishEvaluations(publisher, telemetry),
  )
  // Short: sessions whose keys are known queue up behind a batch that has none.
  const retry = { what: 'evaluating', logger, isStopping: lifecycle.isStopping, deadlineMs: 2_000 }
  consume({
    nc,
    publisher,
    lifecycle,
    logger,
    telemetry,
    stream: streams.answers,
    durable: durables.evaluator,
    handle: createAnswerHandler((answers) => retryWhileUnavailable(() => evaluateAnswers(answers), retry)),
  })
}
