import { consume } from '#platform/consumer'
import { METRICS } from '#platform/contract/names'
import { answersStream, evaluatorDurable } from '#platform/contract/streams'
import type { Pool } from '#platform/pg'
import type { Publisher } from '#platform/publisher'
import { retryWhileUnavailable } from '#platform/retry'
import type { Service } from '#platform/service'
import { createAnswerHandler } from './answer-handler.ts'
import type { configSpec } from './config.ts'
import { type AcceptedAnswers, createEvaluateAnswers, type HandOn, type Outcome } from './evaluate-answers.ts'
import { createKeyCache, createKeySource } from './keys.ts'

/** Messages handled together; each holds some tens of answers under load, and up to 500. */
const MAX_MESSAGES = 100

/** Evaluates answers of every partition until the stop. */
export const startEvaluator = (
  { config, logger, lifecycle, nats: nc, telemetry }: Service<typeof configSpec>,
  {
    pool,
    publisher,
    handOn,
    paceMs,
    concurrency,
  }: {
    readonly pool: Pool
    readonly publisher: Publisher
    readonly handOn: HandOn
    /** Of the consumer. */
    readonly paceMs?: number
    readonly concurrency?: number
  },
): void => {
  const evaluateAnswers = createEvaluateAnswers(
    createKeyCache(createKeySource(pool), { maxQuestions: config.EVALUATOR_CACHED_QUESTIONS, logger }),
    handOn,
  )
  // Short: sessions whose keys are known queue up behind a batch that has none.
  const retry = { what: 'evaluating', logger, isStopping: lifecycle.isStopping, deadlineMs: 2_000 }
  const evaluated = telemetry.metrics.counter(METRICS.evaluatedAnswers)
  const evaluate = async (accepted: readonly AcceptedAnswers[]): Promise<Outcome> => {
    const outcome = await retryWhileUnavailable(() => evaluateAnswers(accepted), retry)
    const { rejected, unavailable } = outcome
    const taken = accepted.filter((from) => !unavailable.has(from))
    evaluated.add(taken.reduce((sum, { answers }) => sum + answers.length, -rejected.length))
    return outcome
  }
  for (let partition = 0; partition < config.ANSWER_PARTITIONS; partition += 1) {
    consume({
      nc,
      publisher,
      lifecycle,
      logger,
      telemetry,
      stream: answersStream(partition),
      durable: evaluatorDurable(partition),
      maxBatch: MAX_MESSAGES,
      handle: createAnswerHandler(evaluate),
      ...(paceMs !== undefined && { paceMs }),
      ...(concurrency !== undefined && { concurrency }),
    })
  }
}
