import { METRICS, subjectTemplate } from '../contract/names.ts'
import type { Telemetry } from '../telemetry.ts'
import { publishSpan } from './messages.ts'
import type { Histogram } from './metrics.ts'
import type { Span } from './tracing.ts'

export type PublishResult = 'stored' | 'duplicate' | 'failed'

/** A message between its publish and its PubAck. */
export interface Publishing {
  /** Monotonic milliseconds. */
  readonly startedAt: number
  readonly kind: Readonly<Record<PublishResult, Histogram>>
  /** When it is traced. */
  readonly span: Span | undefined
}

/** What is seen of a publisher. */
export interface PublisherWatch {
  begin(subject: string, span: Span | undefined): Publishing
  end(publishing: Publishing, result: PublishResult, error?: unknown): void
}

const PREFIX_LENGTH = 'podium.v1.'.length

export const createPublisherWatch = ({ metrics, tracing }: Telemetry, pending: () => number): PublisherWatch => {
  metrics.observe(METRICS.publishPending, pending)
  const kinds = new Map<string, Publishing['kind']>()

  const kindOf = (subject: string): Publishing['kind'] => {
    const key = subject.slice(PREFIX_LENGTH, subject.indexOf('.', PREFIX_LENGTH))
    let kind = kinds.get(key)
    if (kind === undefined) {
      const histogram = (result: PublishResult) =>
        metrics.histogram(METRICS.publishDuration, subjectTemplate(subject), result)
      kind = {
        stored: histogram('stored'),
        duplicate: histogram('duplicate'),
        failed: histogram('failed'),
      }
      kinds.set(key, kind)
    }
    return kind
  }

  return {
    begin: (subject, span) => ({
      startedAt: performance.now(),
      kind: kindOf(subject),
      span: publishSpan(span ?? tracing.current(), subject),
    }),
    end: ({ startedAt, kind, span }, result, error) => {
      const endedAt = performance.now()
      kind[result].record((endedAt - startedAt) / 1_000, 1, span?.traceId)
      if (span === undefined) return
      if (result === 'failed') span.fail(error)
      else if (result !== 'stored') span.set({ 'podium.outcome': result })
      span.end(endedAt)
    },
  }
}
