import { encodeEarned, encodeScoreBatch, encodeScoreBatches } from '#platform/contract/codec/score'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'
import type { Publisher } from '#platform/publisher'
import type { Span } from '#platform/telemetry'
import { noTracing } from '#platform/telemetry/tracing'
import type { PublishScores, SessionScores } from './score-answers.ts'

/**
 * What boards are made of goes to JetStream: a ScoreBatch under the session's own subject, or one message for all sessions of
 * a batch. What players see of their own answers goes to the edges of each session over core NATS once that is stored; an
 * edge that misses it shows it on the board.
 */
export const createPublishScores =
  (publisher: Publisher, nats: NatsConnection, tracing = noTracing): PublishScores =>
  async (sessions) => {
    const [first] = sessions
    if (first === undefined) return
    const span = tracing.isOn ? tracing.join(spansOf(sessions)) : undefined
    if (sessions.length === 1) {
      await publisher.publish(subjects.score(first.sessionId), encodeScoreBatch(first), span)
    } else {
      await publisher.publish(subjects.scores, encodeScoreBatches(sessions), span)
    }
    for (const { sessionId, earned } of sessions) {
      nats.publish(subjects.earned(sessionId), encodeEarned({ sessionId, answers: earned }))
    }
  }

const spansOf = (sessions: readonly SessionScores[]): ReadonlySet<Span> =>
  new Set(sessions.flatMap(({ spans }) => [...spans]))
