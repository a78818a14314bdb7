import {
  type Attributes,
  type Exception,
  type HrTime,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { scrub } from '../logger.ts'
import type { Span, SpanFactory, SpanOptions, SpanRole } from './tracing.ts'

const MAX_DRIFT_MS = 5

const KINDS: Readonly<Record<SpanRole, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

/** `nextTraceId`: the id of the root that is started next; the SDK has no other way to choose one. */
export const createSpanFactory = (tracer: Tracer, nextTraceId: (id: string) => void): SpanFactory => {
  let origin = performance.timeOrigin

  /**
   * The SDK's own translation of monotonic times jumps by up to a millisecond from span to span. The wall clock may be set
   * while a process runs: then ours follows it at once.
   */
  const wallTime = (monotonic: number): HrTime => {
    const drift = Date.now() - (origin + performance.now())
    if (Math.abs(drift) > MAX_DRIFT_MS) origin += drift
    const epochMs = origin + monotonic
    const seconds = Math.floor(epochMs / 1_000)
    return [seconds, Math.floor((epochMs - seconds * 1_000) * 1e6)]
  }

  const startOne = (name: string, parent: SpanContext | undefined, options: SpanOptions): OtelSpan => {
    const { role = 'internal', attributes, startedAt = performance.now(), links } = options
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
    return tracer.startSpan(
      name,
      {
        kind: KINDS[role],
        startTime: wallTime(startedAt),
        ...(attributes !== undefined && { attributes }),
        ...(links !== undefined && { links: links.map((link) => ({ context: link })) }),
      },
      context,
    )
  }

  const start: SpanFactory['start'] = (name, parents, options = {}, traceId) => {
    if (parents.length > 0) return toSpan(parents.map((parent) => startOne(name, parent, options)))
    if (traceId !== undefined) nextTraceId(traceId)
    return toSpan([startOne(name, undefined, options)])
  }

  const toSpan = (spans: readonly OtelSpan[]): Span => {
    const contexts = spans.map((span) => span.spanContext())
    const { traceId = '', spanId = '' } = contexts[0] ?? {}
    return {
      traceId,
      contexts,
      log: { trace_id: traceId, span_id: spanId },
      child: (name, options) => start(name, contexts, options),
      set: (attributes: Attributes) => {
        for (const span of spans) span.setAttributes(attributes)
      },
      link: (other) => {
        for (const span of spans) span.addLinks(other.contexts.map((context) => ({ context })))
      },
      fail: (error) => {
        const exception = toException(error)
        for (const span of spans) {
          span.recordException(exception)
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
      },
      end: (at = performance.now()) => {
        const time = wallTime(at)
        for (const span of spans) span.end(time)
      },
    }
  }

  return { start }
}

/** Without anything that may be a secret, as in the log. */
const toException = (error: unknown): Exception => {
  if (!(error instanceof Error)) return scrub(String(error))
  const { name, message, stack = '' } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name, message: scrub(message), stack: scrub(stack), ...(code !== undefined && { code }) }
}
