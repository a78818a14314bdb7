import type { PlayerTotals, QuestionProgress, ScoredAnswer } from '#gen/score_pb'
import { encodeScoreBatch } from '#lib/codec/score'
import { subjects } from '#lib/contract/subjects'
import type { Publisher } from '#lib/publisher'
import type { Tracing } from '#lib/telemetry'
import { noTracing } from '#lib/telemetry/tracing'
import type { ScoredAnswer as Answer, Progress, Scores, SessionScores, Standing } from '../app/ports.ts'
import { packBits } from './bits.ts'

/** Scores as ScoreBatch messages in JetStream. */
export const createScorePublisher = (publisher: Publisher, tracing: Tracing = noTracing): Scores => ({
  publish: async (scores) => {
    const span = tracing.join(scores.spans)
    await publisher.publish(subjects.score(scores.sessionId), encodeScores(scores), undefined, span)
  },
})

/** Messages as literals: `create` would copy each of them once more, for every answer. */
const encodeScores = ({ sessionId, standings, answers, progress, firstReceivedAtMs }: SessionScores): Uint8Array =>
  encodeScoreBatch({
    $typeName: 'podium.v1.ScoreBatch',
    sessionId,
    totals: standings.map(toTotals),
    answers: answers.map(toAnswer),
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

const toAnswer = ({ playerId, questionIndex, questionId, points, correct }: Answer): ScoredAnswer => ({
  $typeName: 'podium.v1.ScoredAnswer',
  playerId,
  questionIndex,
  questionId,
  points,
  correct,
})

const toProgress = ({ questionIndex, answerCount }: Progress): QuestionProgress => ({
  $typeName: 'podium.v1.QuestionProgress',
  questionIndex,
  answerCount,
})
