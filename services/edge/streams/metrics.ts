import type { Clock } from '#platform/clock'
import { METRICS, SPANS } from '#platform/contract/names'
import type { Metrics, Span, Telemetry } from '#platform/telemetry'
import { MAX_TRACES } from '#platform/telemetry/tracing'
import type { AnswersBehind } from '../board/board-replica.ts'
import type { StreamCounters } from './client.ts'
import type { FrameEncoder } from './frame.ts'

/** The streams of one protocol, and what was sent on them. */
export interface Transport {
  readonly counters: StreamCounters
  readonly encoder: FrameEncoder
}

/** Publishes what the streams have counted. */
export const observeStreams = (
  metrics: Metrics,
  transports: { readonly sse: Transport; readonly ws: Transport },
): void => {
  const all = Object.values(transports).map(({ counters }) => counters)
  const sum = (key: 'paused' | 'deliveries' | 'stalls' | 'conflated') => () =>
    all.reduce((total, counters) => total + counters[key], 0)
  metrics.observe(METRICS.streamsPaused, sum('paused'))
  metrics.observe(METRICS.deliveries, sum('deliveries'))
  metrics.observe(METRICS.stalls, sum('stalls'))
  metrics.observe(METRICS.framesReplaced, sum('conflated'))
  for (const [transport, { counters, encoder }] of Object.entries(transports)) {
    metrics.observe(METRICS.connections, () => counters.open, transport)
    metrics.observe(METRICS.streamsOpened, () => counters.opened, transport)
    metrics.observe(METRICS.framesEncoded, () => encoder.encodings(), transport)
    for (const reason of Object.keys(counters.closed) as (keyof StreamCounters['closed'])[]) {
      metrics.observe(METRICS.streamsClosed, () => counters.closed[reason], transport, reason)
    }
  }
}

/** Deltas that arrive between two frames; of further ones no time is taken. */
const MAX_WAITING = 1_000

export type AnswerLatency = ReturnType<typeof createAnswerLatency>

/** Measures how long the answers of one session take until every client can see what they changed. */
export const createAnswerLatency = (options: {
  readonly telemetry: Telemetry
  readonly clock: Clock
  /** True while what has arrived must not be seen yet. */
  readonly isHidden: () => boolean
  /** True while there are clients. */
  readonly isWatched: () => boolean
}) => {
  const { telemetry, clock, isHidden, isWatched } = options
  const { metrics, tracing } = telemetry
  const visible = metrics.histogram(METRICS.answerVisible)
  const ticks = metrics.histogram(METRICS.tickDuration)
  let waiting: AnswersBehind[] = []
  let spans: Span[] = []

  return {
    /** They are on this edge's board. */
    arrived: (answers: AnswersBehind): void => {
      if (!isWatched()) return
      if (answers.span !== undefined && spans.length < MAX_TRACES) {
        spans.push(answers.span.child(SPANS.visible, { role: 'internal' }))
      }
      // The time that a question stays open is not a delay of ours.
      if (answers.firstReceivedAtMs > 0 && !isHidden() && waiting.length < MAX_WAITING) waiting.push(answers)
    },
    /** What has arrived makes no frame different, a wrong answer for instance. */
    unchanged: (): void => {
      if (isHidden()) return
      for (const span of spans) {
        span.set({ 'podium.frame': 'unchanged' })
        span.end()
      }
      waiting = []
      spans = []
    },
    /** A frame with everything that has arrived begins to leave; call the result when it has reached the last client. */
    showing: (): (() => void) => {
      const startedAt = performance.now()
      const shown = waiting
      const shownSpans = spans
      waiting = []
      spans = []
      const members = tracing.join(shownSpans)
      const tick = members && tracing.about(members, SPANS.tick, { startedAt })
      return () => {
        const endedAt = performance.now()
        const now = clock.now()
        ticks.record((endedAt - startedAt) / 1_000, 1, tick?.traceId)
        for (const { firstReceivedAtMs, players, span } of shown) {
          visible.record(Math.max(0, now - firstReceivedAtMs) / 1_000, players, span?.traceId)
        }
        tick?.end(endedAt)
        for (const span of shownSpans) {
          if (tick !== undefined) span.link(tick)
          span.end(endedAt)
        }
      }
    },
  }
}
