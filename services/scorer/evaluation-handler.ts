import type { EvaluationBatch } from '#gen/evaluation_pb'
import { ACK, type BatchHandler, RETRY, type RejectedPart, reject, type Verdict } from '#platform/consumer'
import {
  decodeEvaluationBatch,
  decodeEvaluationBatches,
  encodeEvaluationBatch,
} from '#platform/contract/codec/evaluation'
import { CHOICE_LIMIT, CREDIT_LIMIT, DELAY_LIMIT } from '#platform/contract/codec/ledger-row'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { EvaluatedBatch, Evaluation, QuestionTerms, Refused } from './score-answers.ts'

/** Bounds of the columns and of the arithmetic; far above what a session can be created with. */
const MAX_QUESTIONS = 10_000
const MAX_POINTS = 2 ** 26
const MAX_TIME_LIMIT_MS = 2 ** 27
const MAX_SMALLINT = 2 ** 15 - 1
const MAX_INTEGER = 2 ** 31 - 1

/**
 * Decodes EVALUATIONS messages, has them scored, and returns a verdict for each. An evaluation that can never be scored becomes
 * a dead letter of its own.
 */
export const createEvaluationHandler =
  (score: (batches: readonly EvaluatedBatch[]) => Promise<readonly Refused[]>): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    const all: EvaluatedBatch[] = []
    const parts = deliveries.map(({ subject, payload, span }, place): Parts => {
      const message = readEvaluations(subject, payload)
      if (typeof message === 'string') {
        verdicts[place] = reject(message)
        return { batches: [], letters: [] }
      }
      const checked = message.map((batch) => check(batch))
      const batches = checked.map(({ batch }) => (span === undefined ? batch : { ...batch, span }))
      all.push(...batches)
      return {
        batches,
        letters: checked.flatMap(({ batch, invalid }) => lettersOf(batch, invalid, 'invalid-evaluation')),
      }
    })
    let refused: readonly Refused[]
    try {
      refused = await score(all)
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) return verdicts
      throw err
    }
    for (const [place, { batches, letters }] of parts.entries()) {
      if (verdicts[place]?.kind === 'reject') continue
      const rejected = [...letters, ...refused.flatMap((each) => ofBatches(batches, each))]
      verdicts[place] = rejected.length === 0 ? ACK : { kind: 'ack', rejected }
    }
    return verdicts
  }

interface Parts {
  readonly batches: readonly EvaluatedBatch[]
  /** For evaluations that were left out of the batches. */
  readonly letters: readonly RejectedPart[]
}

const lettersOf = (
  batch: EvaluatedBatch,
  evaluations: readonly Evaluation[],
  reason: string,
): readonly RejectedPart[] =>
  evaluations.map((evaluation) => {
    const rule = { ...batch.rule, unscored: batch.rule.unscored ?? [] }
    return { reason, payload: encodeEvaluationBatch({ ...batch, rule, evaluations: [evaluation] }) }
  })

const ofBatches = (batches: readonly EvaluatedBatch[], { evaluation, reason }: Refused): readonly RejectedPart[] =>
  batches
    .filter(({ evaluations }) => evaluations.includes(evaluation))
    .flatMap((batch) => lettersOf(batch, [evaluation], reason))

/** The batches of one message, or why it is rejected. */
const readEvaluations = (subject: string, payload: Uint8Array): readonly EvaluationBatch[] | string => {
  try {
    const isShared = subject === subjects.evaluations
    const batches = isShared ? decodeEvaluationBatches(payload) : [decodeEvaluationBatch(payload)]
    const isAddressed = isShared || subject === subjects.evaluation(batches[0]?.sessionId ?? '')
    if (!isAddressed) return 'subject-mismatch'
    return batches.every(areTermsValid) ? batches : 'invalid-evaluation'
  } catch {
    return 'undecodable'
  }
}

const areTermsValid = ({ sessionId, questionCount, rule, questions }: EvaluationBatch): boolean =>
  isId(sessionId) &&
  within(questionCount, 1, MAX_QUESTIONS) &&
  rule !== undefined &&
  within(rule.version, 1, MAX_SMALLINT) &&
  questions.every((terms) => areTerms(terms, questionCount))

/** No later code checks a number. */
const check = ({ sessionId, questionCount, rule, questions, evaluations }: EvaluationBatch) => {
  if (rule === undefined) throw new Error('a batch without a rule')
  const terms = new Map(questions.map((question) => [question.index, question]))
  const { valid = [], invalid = [] } = Object.groupBy(evaluations, (evaluation) =>
    isEvaluation(evaluation, terms.get(evaluation.questionIndex)) ? 'valid' : 'invalid',
  )
  return { batch: { sessionId, questionCount, rule, questions, evaluations: valid }, invalid }
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
  evaluation.delayMs < DELAY_LIMIT &&
  within(evaluation.receivedAtMs, 0, Number.MAX_SAFE_INTEGER) &&
  evaluation.choices.every((choice) => choice < CHOICE_LIMIT)
