import type { EarnedPoints, PlayerTotals, QuestionProgress, ScoreBatch } from '#gen/score_pb'
import { encodeEarned, encodeScoreBatch, encodeScoreBatches } from '#platform/contract/codec/score'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'
import type { Publisher } from '#platform/publisher'
import type { Span, Tracing } from '#platform/telemetry'
import { noTracing } from '#platform/telemetry/tracing'
import { packBits } from './bits.ts'
import type { Earned, Progress, Scores, SessionScores, Standing } from './ports.ts'

export interface ScorePublisherOptions {
  readonly publisher: Publisher
  readonly nats: NatsConnection
  readonly tracing?: Tracing
}

/**
 * What boards are made of goes to JetStream: a ScoreBatch under the session's own subject, or one message for all sessions of
 * a batch. What players are told goes to the edges of each session over core NATS once that is stored; an edge that misses
 * it shows it on the board.
 */
export const createScorePublisher = ({ publisher, nats, tracing = noTracing }: ScorePublisherOptions): Scores => {
  const store = async (batches: readonly ScoreBatch[], span: Span | undefined): Promise<void> => {
    const [first] = batches
    if (first === undefined) return
    if (batches.length === 1) {
      await publisher.publish(subjects.score(first.sessionId), encodeScoreBatch(first), span)
    } else {
      await publisher.publish(subjects.scores, encodeScoreBatches(batches), span)
    }
  }
  return {
    publish: async (sessions) => {
      await store(sessions.map(toBatch), tracing.isOn ? tracing.join(spansOf(sessions)) : undefined)
      for (const { sessionId, earned } of sessions) {
        const answers = earned.map(toEarnedPoints)
        nats.publish(
          subjects.earned(sessionId),
          encodeEarned({ $typeName: 'podium.v1.EarnedBatch', sessionId, answers }),
        )
      }
    },
  }
}

const spansOf = (sessions: readonly SessionScores[]): ReadonlySet<Span> =>
  new Set(sessions.flatMap(({ spans }) => [...spans]))

/** Messages as literals: `create` would copy each of them once more, for every answer. */
const toBatch = ({ sessionId, standings, progress, firstReceivedAtMs }: SessionScores): ScoreBatch => ({
  $typeName: 'podium.v1.ScoreBatch',
  sessionId,
  totals: standings.map(toTotals),
  progress: progress.map(toProgress),
  firstReceivedAtMs,
})

const toTotals = (standing: Standing): PlayerTotals => ({
  $typeName: 'podium.v1.PlayerTotals',
  playerId: standing.playerId,
  joinOrder: standing.joinOrder,
  version: standing.version,
  score: standing.score,
  correctAnswers: standing.correctAnswers,
  correctMs: standing.correctMs,
  streak: standing.streak,
  answered: packBits(standing.answered),
  removed: false,
})

const toProgress = ({ questionIndex, answerCount }: Progress): QuestionProgress => ({
  $typeName: 'podium.v1.QuestionProgress',
  questionIndex,
  answerCount,
})

const toEarnedPoints = ({ playerId, questionId, points, correct, score, streak }: Earned): EarnedPoints => ({
  $typeName: 'podium.v1.EarnedPoints',
  playerId,
  questionId,
  points,
  correct,
  score,
  streak,
})
