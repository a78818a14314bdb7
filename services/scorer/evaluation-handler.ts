import type { EvaluationBatch } from '#gen/evaluation_pb'
import { ACK, type BatchHandler, type Delivery, RETRY, reject, type Verdict } from '#platform/consumer'
import { decodeEvaluationBatch, decodeEvaluationBatches } from '#platform/contract/codec/evaluation'
import { CHOICE_LIMIT, CREDIT_LIMIT } from '#platform/contract/codec/ledger-row'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { EvaluatedBatch, Evaluation, Outcome, QuestionTerms } from './score-answers.ts'

/** Bounds of the columns and of the arithmetic; far above what a session can be created with. */
const MAX_QUESTIONS = 10_000
const MAX_POINTS = 2 ** 26
const MAX_TIME_LIMIT_MS = 2 ** 27
const MAX_SMALLINT = 2 ** 15 - 1
const MAX_INTEGER = 2 ** 31 - 1

/**
 * Decodes EVALUATIONS messages, has them scored up to `maxAnswers` at a time, and returns a verdict for each. One message is
 * never split.
 */
export const createEvaluationHandler = (
  score: (batches: readonly EvaluatedBatch[]) => Promise<readonly Outcome[]>,
  maxAnswers: number,
): BatchHandler => {
  const scoreChunk = async (chunk: readonly Pending[]): Promise<boolean> => {
    try {
      const outcomes = await score(chunk.map(({ batch }) => batch))
      for (const [index, pending] of chunk.entries()) pending.outcome = outcomes[index]
      return true
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) return false
      throw err
    }
  }
  return async (deliveries) => {
    const { pending, faults } = readAll(deliveries)
    for (const chunk of chunks(pending, maxAnswers)) {
      // The store is unavailable and was waited for: the rest would only wait as long again.
      if (!(await scoreChunk(chunk))) break
    }
    return toVerdicts(deliveries.length, pending, faults)
  }
}

interface Pending {
  readonly place: number
  readonly batch: EvaluatedBatch
  outcome: Outcome | undefined
}

/** `faults`: by place, why a message cannot be used, or not all of it. */
const readAll = (deliveries: readonly Delivery[]) => {
  const pending: Pending[] = []
  const faults = new Map<number, string>()
  for (const [place, { subject, payload, span }] of deliveries.entries()) {
    for (const batch of readEvaluations(subject, payload)) {
      if (typeof batch === 'string') faults.set(place, batch)
      else pending.push({ place, batch: span === undefined ? batch : { ...batch, span }, outcome: undefined })
    }
  }
  return { pending, faults }
}

/** The batches of one message, each checked in full or with the reason why it is rejected: no later code checks a number. */
const readEvaluations = (subject: string, payload: Uint8Array): readonly (EvaluatedBatch | string)[] => {
  try {
    if (subject === subjects.evaluations) return decodeEvaluationBatches(payload).map(check)
    const batch = decodeEvaluationBatch(payload)
    return [subject === subjects.evaluation(batch.sessionId) ? check(batch) : 'subject-mismatch']
  } catch {
    return ['undecodable']
  }
}

const check = (batch: EvaluationBatch): EvaluatedBatch | string => {
  const { sessionId, questionCount, rule, questions, evaluations } = batch
  const isValid =
    isId(sessionId) &&
    within(questionCount, 1, MAX_QUESTIONS) &&
    rule !== undefined &&
    within(rule.version, 1, MAX_SMALLINT) &&
    questions.every((terms) => areTerms(terms, questionCount))
  if (!isValid) return 'invalid-evaluation'
  const terms = new Map(questions.map((question) => [question.index, question]))
  return evaluations.every((evaluation) => isEvaluation(evaluation, terms.get(evaluation.questionIndex)))
    ? { sessionId, questionCount, rule, questions, evaluations }
    : 'invalid-evaluation'
}

const within = (value: number, min: number, max: number): boolean => value >= min && value <= max

const areTerms = (terms: QuestionTerms, questionCount: number): boolean =>
  terms.index < questionCount &&
  isId(terms.questionId) &&
  terms.points <= MAX_POINTS &&
  within(terms.timeLimitMs, 1, MAX_TIME_LIMIT_MS)

const isEvaluation = (evaluation: Evaluation, terms: QuestionTerms | undefined): boolean =>
  terms !== undefined &&
  isId(evaluation.playerId) &&
  evaluation.joinOrder <= MAX_INTEGER &&
  within(evaluation.creditDenominator, 1, CREDIT_LIMIT - 1) &&
  evaluation.creditNumerator <= evaluation.creditDenominator &&
  evaluation.elapsedMs <= terms.timeLimitMs &&
  within(evaluation.receivedAtMs, 0, Number.MAX_SAFE_INTEGER) &&
  evaluation.choices.every((choice) => choice < CHOICE_LIMIT)

/** A message is settled when all of it is; an invalid part does not keep the rest from being scored. */
const toVerdicts = (count: number, pending: readonly Pending[], faults: Map<number, string>): Verdict[] => {
  const unsettled = new Set<number>()
  for (const { place, outcome } of pending) {
    if (outcome === undefined) unsettled.add(place)
    else if (outcome !== 'scored') faults.set(place, outcome)
  }
  return Array.from({ length: count }, (_, place) => {
    if (unsettled.has(place)) return RETRY
    const fault = faults.get(place)
    return fault === undefined ? ACK : reject(fault)
  })
}

const chunks = (pending: readonly Pending[], maxAnswers: number): readonly (readonly Pending[])[] => {
  const result: Pending[][] = []
  let room = 0
  for (const item of pending) {
    const answers = item.batch.evaluations.length
    if (answers > room || result.length === 0) {
      result.push([])
      room = maxAnswers
    }
    result.at(-1)?.push(item)
    room -= answers
  }
  return result
}
