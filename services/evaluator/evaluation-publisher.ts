import type { Evaluation, EvaluationBatch, QuestionTerms } from '#gen/evaluation_pb'
import { encodeEvaluationBatch, encodeEvaluationBatches } from '#platform/contract/codec/evaluation'
import type { Fields } from '#platform/contract/codec/wire'
import { METRICS } from '#platform/contract/names'
import { subjects } from '#platform/contract/subjects'
import type { Publisher } from '#platform/publisher'
import { noTelemetry } from '#platform/telemetry'
import type { EvaluatedAnswer, PublishEvaluations, QuestionKey, SessionEvaluations } from './evaluate-answers.ts'

/**
 * Evaluations in JetStream: an EvaluationBatch under the session's own subject, or, where a batch holds answers of several
 * sessions, one message for all of them. What a message costs is paid once per batch then, and not once per session.
 */
export const createPublishEvaluations = (publisher: Publisher, telemetry = noTelemetry()): PublishEvaluations => {
  const { metrics, tracing } = telemetry
  const evaluated = metrics.counter(METRICS.evaluatedAnswers)
  return async (sessions) => {
    const spans = () => sessions.flatMap(({ answers }) => answers.map(({ answer }) => answer.span))
    const span = tracing.isOn ? tracing.join(spans()) : undefined
    const batches = sessions.map(toBatch)
    const [first] = batches
    if (first === undefined) return
    if (batches.length === 1) {
      await publisher.publish(subjects.evaluation(first.sessionId), encodeEvaluationBatch(first), span)
    } else {
      await publisher.publish(subjects.evaluations, encodeEvaluationBatches(batches), span)
    }
    evaluated.add(sessions.reduce((sum, { answers }) => sum + answers.length, 0))
  }
}

const toBatch = ({ sessionId, keys, answers }: SessionEvaluations): Fields<EvaluationBatch> => ({
  sessionId,
  questionCount: keys.questions.length,
  rule: { ...keys.rule, unscored: [...(keys.rule.unscored ?? [])] },
  questions: [...new Set(answers.map(({ question }) => question))].map(toTerms),
  evaluations: answers.map(toEvaluation),
})

const toTerms = ({ index, questionId, points, timeLimitMs }: QuestionKey): Fields<QuestionTerms> => ({
  index,
  questionId,
  points,
  timeLimitMs,
})

const toEvaluation = ({ answer, question, credit }: EvaluatedAnswer): Fields<Evaluation> => ({
  answerId: answer.answerId,
  playerId: answer.playerId,
  joinOrder: answer.joinOrder,
  questionIndex: question.index,
  creditNumerator: credit.numerator,
  creditDenominator: credit.denominator,
  // The edge keeps to the limit; no clock may make an answer worth less than a right one at the last moment.
  elapsedMs: Math.min(answer.elapsedMs, question.timeLimitMs),
  receivedAtMs: answer.receivedAtMs,
  choices: answer.choices,
  ...(answer.text !== undefined && { text: answer.text }),
})
