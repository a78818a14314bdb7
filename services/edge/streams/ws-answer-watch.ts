import { SPANS } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { Span, Telemetry } from '#platform/telemetry'
import { newTraceId, parseTraceparent } from '#platform/telemetry/trace-context'
import type { AnswerTally } from '../answers/answer-tally.ts'

/** One answer over a WebSocket, from its arrival to its reply. */
export interface AnswerCall {
  /** When it is sampled. */
  readonly span: Span | undefined
  /** 32 hex digits: the recorded trace, the client's, or a random one. */
  traceId(): string
  end(error?: unknown): void
}

export interface AnswerWatchOptions {
  readonly telemetry: Telemetry
  /** Answers that take longer are recorded in any case, if only by their own span. Milliseconds. */
  readonly slowMs: number
  readonly tally: Pick<AnswerTally, 'refused'>
}

/** Shows answers over WebSockets in traces, as the request watch does it for HTTP. `traceparent` is '' when there is none. */
export const createAnswerWatch =
  ({ telemetry, slowMs, tally }: AnswerWatchOptions) =>
  (traceparent: string): AnswerCall => {
    const { tracing } = telemetry
    const startedAt = performance.now()
    const options = { role: 'server', startedAt } as const
    const span = tracing.begin(traceparent, SPANS.wsAnswer, options)
    let traceId: string | undefined
    const idOf = (): string => {
      traceId ??= span?.traceId ?? parseTraceparent(traceparent)?.traceId ?? newTraceId()
      return traceId
    }
    return {
      span,
      traceId: idOf,
      end: (error) => {
        if (error !== undefined) tally.refused('ws', error)
        const hasFailed = error !== undefined && isOurs(error)
        if (span !== undefined) {
          if (hasFailed) span.fail(error)
          else if (error instanceof PodiumError) span.set({ 'podium.outcome': error.code })
          span.end()
        } else if (tracing.isOn && (hasFailed || performance.now() - startedAt > slowMs)) {
          const failure = hasFailed ? { error } : {}
          tracing.record({ name: SPANS.wsAnswer, traceparent, traceId: idOf(), options, ...failure })
        }
      },
    }
  }

const isOurs = (error: unknown): boolean =>
  !(error instanceof PodiumError) || error.code === 'internal' || error.code === 'unavailable'
