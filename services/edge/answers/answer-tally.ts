import type { Answer } from '#gen/answer_pb'
import { METRICS, SESSION_ID } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { Metrics, Span } from '#platform/telemetry'
import type { Counter } from '#platform/telemetry/metrics'

export type AnswerTransport = 'http' | 'ws'

/** Counts answers by what became of them. */
export interface AnswerTally {
  /** For the first time. `arrivedAt` and now: monotonic milliseconds. */
  accepted(transport: AnswerTransport, arrivedAt: number, now: number, span: Span | undefined): void
  /** It had been accepted before. */
  repeated(transport: AnswerTransport): void
  refused(transport: AnswerTransport, error: unknown): void
}

export const createAnswerTally = (metrics: Metrics): AnswerTally => {
  const of = (transport: AnswerTransport) => ({
    accepted: metrics.counter(METRICS.answers, transport, 'accepted'),
    repeated: metrics.counter(METRICS.answers, transport, 'repeated'),
    duration: metrics.histogram(METRICS.answerAccepted, transport),
    refused: new Map<string, Counter>(),
  })
  const tallies = { http: of('http'), ws: of('ws') }
  return {
    accepted: (transport, arrivedAt, now, span) => {
      const { accepted, duration } = tallies[transport]
      accepted.add()
      duration.record((now - arrivedAt) / 1_000, 1, span?.traceId)
    },
    repeated: (transport) => tallies[transport].repeated.add(),
    refused: (transport, error) => {
      const code = error instanceof PodiumError ? error.code : 'internal'
      const { refused } = tallies[transport]
      const counter = refused.get(code) ?? metrics.counter(METRICS.answers, transport, code)
      refused.set(code, counter)
      counter.add()
    },
  }
}

/** By which a recorded answer is found. */
export const answerAttributes = ({ answerId, sessionId, questionIndex }: Answer) => ({
  'podium.answer.id': answerId,
  [SESSION_ID]: sessionId,
  'podium.question.index': questionIndex,
})
