import type { Consumer } from '@nats-io/jetstream'
import { METRICS, SPANS, sessionAttribute } from '../contract/names.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Span } from './tracing.ts'

const LAG_EVERY_MS = 5_000

/** Metrics and spans of one durable consumer. */
export const createConsumerWatch = (
  { metrics, tracing }: Telemetry,
  { stream, durable }: { readonly stream: string; readonly durable: string },
) => {
  const consumed = metrics.counter(METRICS.consumedMessages, durable)
  const redeliveries = metrics.counter(METRICS.redeliveries, durable)
  const sizes = metrics.histogram(METRICS.batchSize, durable)
  const durations = metrics.histogram(METRICS.processDuration, durable)
  const verdicts = {
    ack: metrics.counter(METRICS.verdicts, durable, 'ack'),
    retry: metrics.counter(METRICS.verdicts, durable, 'retry'),
    reject: metrics.counter(METRICS.verdicts, durable, 'reject'),
  }
  const attributes = {
    'messaging.system': 'nats',
    'messaging.destination.name': stream,
    'messaging.consumer.group.name': durable,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
  }

  return {
    /** The handling of one message begins; undefined when it is not traced. */
    delivered: (subject: string, attempt: number, traceparents: readonly string[]): Span | undefined => {
      if (attempt > 1) redeliveries.add()
      if (traceparents.length === 0) return undefined
      return tracing.resume(traceparents, SPANS.process(subject), {
        role: 'consumer',
        attributes: { ...attributes, ...sessionAttribute(subject), 'podium.attempt': attempt },
      })
    },
    /** A batch begins; the result is called when all of it has been settled. */
    batch: (spans: readonly (Span | undefined)[]): (() => void) => {
      consumed.add(spans.length)
      sizes.record(spans.length)
      const startedAt = performance.now()
      const members = tracing.isOn ? tracing.join(spans) : undefined
      const span =
        members &&
        tracing.about(members, SPANS.batch(durable), {
          role: 'consumer',
          startedAt,
          attributes: { ...attributes, 'messaging.batch.message_count': spans.length },
        })
      if (span !== undefined) for (const member of spans) member?.link(span)
      return () => {
        const endedAt = performance.now()
        durations.record((endedAt - startedAt) / 1_000, 1, span?.traceId)
        span?.end(endedAt)
      }
    },
    /** `reasons`: why it, or parts of it, are rejected. */
    settled: (verdict: keyof typeof verdicts, span: Span | undefined, reasons: readonly string[]): void => {
      verdicts[verdict].add()
      for (const reason of reasons) metrics.counter(METRICS.deadLetters, durable, reason).add()
      if (span === undefined) return
      span.set({ 'podium.verdict': verdict })
      if (reasons[0] !== undefined) span.fail(reasons[0])
      span.end()
    },
    /** Asks every few seconds how far behind the consumer is; the result ends it. */
    followLag: (current: () => Consumer | undefined): (() => void) => {
      let state: { readonly lag: number; readonly unsettled: number } | undefined
      const ask = async (): Promise<void> => {
        try {
          const info = await current()?.info()
          state = info && { lag: info.num_pending, unsettled: info.num_ack_pending }
        } catch {
          state = undefined // the consumer itself notices and says so
        }
      }
      metrics.observe(METRICS.consumerLag, () => state?.lag, durable)
      metrics.observe(METRICS.consumerAckPending, () => state?.unsettled, durable)
      const timer = setInterval(() => void ask(), LAG_EVERY_MS)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

export type ConsumerWatch = ReturnType<typeof createConsumerWatch>
