import { encodeEvaluationBatch, encodeEvaluationBatches } from '#platform/contract/codec/evaluation'
import { subjects } from '#platform/contract/subjects'
import type { Publisher } from '#platform/publisher'
import { noTelemetry } from '#platform/telemetry'
import type { HandOn } from './evaluate-answers.ts'

/**
 * Evaluations in JetStream: an EvaluationBatch under the session's own subject, or, where a batch holds answers of several
 * sessions, one message for all of them. What a message costs is paid once per batch then, and not once per session.
 */
export const createPublishEvaluations =
  (publisher: Publisher, { tracing } = noTelemetry()): HandOn =>
  async (sessions) => {
    const span = tracing.isOn ? tracing.join(new Set(sessions.flatMap(({ spans }) => spans))) : undefined
    const [first] = sessions
    if (first !== undefined && sessions.length === 1) {
      await publisher.publish(subjects.evaluation(first.sessionId), encodeEvaluationBatch(first), span)
    } else {
      await publisher.publish(subjects.evaluations, encodeEvaluationBatches(sessions), span)
    }
    // What the scorer refuses it dead-letters itself.
    return []
  }
