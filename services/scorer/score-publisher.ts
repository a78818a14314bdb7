import { encodeEarned, encodeProgress, encodeScoreBatch, encodeScoreBatches } from '#platform/contract/codec/score'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'
import type { Publisher } from '#platform/publisher'
import type { Span } from '#platform/telemetry'
import { noTracing } from '#platform/telemetry/tracing'
import type { PublishScores, SessionScores } from './score-answers.ts'

/**
 * What was scored: what players see of their own answers goes to the edges of each session, and how far questions are to
 * `session`, both over core NATS; who misses it sees it on the board or waits for the time limit. Then the boards get theirs.
 */
export const createPublishScores =
  (nats: NatsConnection, toBoards: PublishScores): PublishScores =>
  async (sessions) => {
    if (sessions.length === 0) return
    for (const { sessionId, earned } of sessions) {
      nats.publish(subjects.earned(sessionId), encodeEarned({ sessionId, answers: earned }))
    }
    nats.publish(subjects.progress, encodeProgress(sessions.flatMap(({ progress }) => progress)))
    await toBoards(sessions)
  }

/**
 * To the boards through JetStream: a ScoreBatch under the session's own subject, or one message for all sessions of a batch.
 */
export const createStoreScores =
  (publisher: Publisher, tracing = noTracing): PublishScores =>
  async (sessions) => {
    const [first] = sessions
    if (first === undefined) return
    const span = tracing.isOn ? tracing.join(spansOf(sessions)) : undefined
    if (sessions.length === 1) {
      await publisher.publish(subjects.score(first.sessionId), encodeScoreBatch(first), span)
    } else {
      await publisher.publish(subjects.scores, encodeScoreBatches(sessions), span)
    }
  }

const spansOf = (sessions: readonly SessionScores[]): ReadonlySet<Span> =>
  new Set(sessions.flatMap(({ spans }) => [...spans]))
