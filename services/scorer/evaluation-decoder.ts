import type { EvaluationBatch } from '#gen/evaluation_pb'
import { decodeEvaluationBatch, decodeEvaluationBatches } from '#platform/contract/codec/evaluation'
import { subjects } from '#platform/contract/subjects'
import { isId } from '#platform/ids'
import type { EvaluatedBatch, Evaluation, QuestionTerms } from './ports.ts'

/** Reasons for a dead letter that are found before anything is looked up. */
export type DecodeFault = 'undecodable' | 'subject-mismatch' | 'invalid-evaluation'

/** Bounds of the columns and of the arithmetic; far above what a session can be created with. */
const MAX_QUESTIONS = 10_000
const MAX_POINTS = 2 ** 26
const MAX_TIME_LIMIT_MS = 2 ** 27
const MAX_CREDIT_DENOMINATOR = 10_000
const MAX_SMALLINT = 2 ** 15 - 1
const MAX_INTEGER = 2 ** 31 - 1

/** The batches of one EVALUATIONS message, each checked in full: nothing behind this line has to doubt a number. */
export const decodeEvaluations = (subject: string, payload: Uint8Array): readonly (EvaluatedBatch | DecodeFault)[] => {
  try {
    if (subject === subjects.evaluations) return decodeEvaluationBatches(payload).map(check)
    const batch = decodeEvaluationBatch(payload)
    return [subject === subjects.evaluation(batch.sessionId) ? check(batch) : 'subject-mismatch']
  } catch {
    return ['undecodable']
  }
}

const check = (batch: EvaluationBatch): EvaluatedBatch | DecodeFault => {
  const { sessionId, questionCount, rule, questions, evaluations } = batch
  if (rule === undefined || !isId(sessionId) || !within(questionCount, 1, MAX_QUESTIONS)) return 'invalid-evaluation'
  if (!within(rule.version, 1, MAX_SMALLINT) || !questions.every((terms) => isSound(terms, questionCount))) {
    return 'invalid-evaluation'
  }
  const terms = new Map(questions.map((question) => [question.index, question]))
  if (!evaluations.every((evaluation) => isEvaluation(evaluation, terms.get(evaluation.questionIndex)))) {
    return 'invalid-evaluation'
  }
  return { sessionId, questionCount, rule, questions, evaluations }
}

const within = (value: number, min: number, max: number): boolean => value >= min && value <= max

const isSound = (terms: QuestionTerms, questionCount: number): boolean =>
  terms.index < questionCount &&
  isId(terms.questionId) &&
  terms.points <= MAX_POINTS &&
  within(terms.timeLimitMs, 1, MAX_TIME_LIMIT_MS)

const isEvaluation = (evaluation: Evaluation, terms: QuestionTerms | undefined): boolean =>
  terms !== undefined &&
  isId(evaluation.playerId) &&
  evaluation.joinOrder <= MAX_INTEGER &&
  within(evaluation.creditDenominator, 1, MAX_CREDIT_DENOMINATOR) &&
  evaluation.creditNumerator <= evaluation.creditDenominator &&
  evaluation.elapsedMs <= terms.timeLimitMs &&
  within(evaluation.receivedAtMs, 0, Number.MAX_SAFE_INTEGER) &&
  evaluation.choices.every((choice) => choice <= MAX_SMALLINT)
