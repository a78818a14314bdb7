import type { Evaluation, QuestionTerms } from '#gen/evaluation_pb'
import { encodeEvaluationBatch } from '#lib/codec/evaluation'
import { METRICS } from '#lib/contract/names'
import { subjects } from '#lib/contract/subjects'
import type { Publisher } from '#lib/publisher'
import { noTelemetry } from '#lib/telemetry'
import type { EvaluatedAnswer, Evaluations, QuestionKey, SessionEvaluations } from '../app/ports.ts'

/** Evaluations as EvaluationBatch messages in JetStream. */
export const createEvaluationPublisher = (publisher: Publisher, telemetry = noTelemetry()): Evaluations => {
  const { metrics, tracing } = telemetry
  const evaluated = metrics.counter(METRICS.evaluatedAnswers)
  return {
    publish: async (evaluations) => {
      const span = tracing.isOn ? tracing.join(evaluations.answers.map(({ answer }) => answer.span)) : undefined
      await publisher.publish(
        subjects.evaluation(evaluations.sessionId),
        encodeEvaluations(evaluations),
        undefined,
        span,
      )
      evaluated.add(evaluations.answers.length)
    },
  }
}

/** Messages as literals: `create` would copy each of them once more, for every answer. */
const encodeEvaluations = ({ sessionId, keys, answers }: SessionEvaluations): Uint8Array =>
  encodeEvaluationBatch({
    $typeName: 'podium.v1.EvaluationBatch',
    sessionId,
    questionCount: keys.questions.length,
    rule: { $typeName: 'podium.v1.ScoringRule', ...keys.rule },
    questions: [...new Set(answers.map(({ question }) => question))].map(toTerms),
    evaluations: answers.map(toEvaluation),
  })

const toTerms = ({ index, questionId, points, timeLimitMs }: QuestionKey): QuestionTerms => ({
  $typeName: 'podium.v1.QuestionTerms',
  index,
  questionId,
  points,
  timeLimitMs,
})

const toEvaluation = ({ answer, question, credit }: EvaluatedAnswer): Evaluation => ({
  $typeName: 'podium.v1.Evaluation',
  answerId: answer.answerId,
  playerId: answer.playerId,
  joinOrder: answer.joinOrder,
  questionIndex: question.index,
  creditNumerator: credit.numerator,
  creditDenominator: credit.denominator,
  // The edge keeps to the limit; nobody's clock may make an answer worth less than a right one at the last moment.
  elapsedMs: Math.min(answer.elapsedMs, question.timeLimitMs),
  receivedAtMs: answer.receivedAtMs,
  choices: answer.choices as number[],
  ...(answer.text !== undefined && { text: answer.text }),
})
