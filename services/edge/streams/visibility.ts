import type { Clock } from '#platform/clock'
import { METRICS, SPANS } from '#platform/contract/names'
import type { Span, Telemetry } from '#platform/telemetry'
import { MAX_TRACES } from '#platform/telemetry/span'

/** What a board delta says about the answers behind it. */
export interface AnswersBehind {
  /** When the oldest of them arrived at its edge, wall clock; 0 when there are none. */
  readonly firstReceivedAtMs: number
  /** Players whose totals they changed. */
  readonly players: number
  /** The sampled ones. */
  readonly span: Span | undefined
}

/** How long the answers of one session take until everybody can see what they changed. */
export interface Visibility {
  /** They are on this edge's board. */
  arrived(answers: AnswersBehind): void
  /** A frame with everything that has arrived begins to leave; the result is called when it has reached the last client. */
  showing(): () => void
  /** There was nothing in it that would make a frame different, a wrong answer for instance. */
  unchanged(): void
}

export interface VisibilityOptions {
  readonly telemetry: Telemetry
  readonly clock: Clock
  /** True while what has arrived must not be seen yet. */
  readonly isHidden: () => boolean
  /** Somebody is there to see it. */
  readonly isWatched: () => boolean
}

/** Deltas that arrive between two frames; of further ones no time is taken. */
const MAX_WAITING = 1_000

export const createVisibility = ({ telemetry, clock, isHidden, isWatched }: VisibilityOptions): Visibility => {
  const { metrics, tracing } = telemetry
  const visible = metrics.histogram(METRICS.answerVisible)
  const ticks = metrics.histogram(METRICS.tickDuration)
  let waiting: AnswersBehind[] = []
  let spans: Span[] = []

  return {
    arrived: (answers) => {
      if (!isWatched()) return
      if (answers.span !== undefined && spans.length < MAX_TRACES) {
        spans.push(answers.span.child(SPANS.visible, { role: 'internal' }))
      }
      // How long a question was open is not how long we took.
      if (answers.firstReceivedAtMs > 0 && !isHidden() && waiting.length < MAX_WAITING) waiting.push(answers)
    },
    unchanged: () => {
      if (isHidden()) return
      for (const span of spans) {
        span.set({ 'podium.frame': 'unchanged' })
        span.end()
      }
      waiting = []
      spans = []
    },
    showing: () => {
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
