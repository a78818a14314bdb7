import { ExportResultCode } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { Resource } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Counter, Metrics } from './metrics.ts'
import { createMetricProducer } from './otlp-metrics.ts'
import { createSpanFactory, type SpanFactory } from './span-factory.ts'

/** Spans that wait to be sent at the most; an answer that is followed makes about ten in all processes together. */
const MAX_QUEUE = 4_096
const MAX_BATCH = 512

export interface Exporting {
  readonly factory: SpanFactory
  /** Sends what waits. May reject or take long. */
  shutdown(): Promise<unknown>
}

/** Sends spans and metrics to a collector. */
export const startExporting = (options: {
  readonly endpoint: string
  readonly resource: Resource
  readonly metrics: Metrics
  readonly spanDelayMs: number
  readonly metricsEveryMs: number
  readonly dropped: Counter
}): Exporting => {
  const { endpoint, resource, metrics, spanDelayMs, metricsEveryMs, dropped } = options
  const base = endpoint.replace(/\/$/, '')
  const ids = new RandomIdGenerator()
  let chosen: string | undefined
  const provider = new TracerProvider({
    resource,
    // The caller that starts a span has decided before.
    sampler: new AlwaysOnSampler(),
    idGenerator: {
      generateSpanId: () => ids.generateSpanId(),
      generateTraceId: () => {
        const id = chosen ?? ids.generateTraceId()
        chosen = undefined
        return id
      },
    },
    spanProcessors: [createProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces` }), spanDelayMs, dropped)],
  })
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        exportIntervalMillis: metricsEveryMs,
        exportTimeoutMillis: Math.min(metricsEveryMs, 10_000),
        metricProducers: [createMetricProducer(metrics, resource)],
      }),
    ],
  })
  return {
    factory: createSpanFactory(provider.getTracer('podium'), (id) => {
      chosen = id
    }),
    shutdown: () => Promise.all([provider.shutdown(), meters.shutdown()]),
  }
}

/** The SDK's batching; spans that find no room or no collector are counted instead of forgotten silently. */
const createProcessor = (exporter: SpanExporter, delayMs: number, dropped: Counter): SpanProcessor => {
  let waiting = 0
  const counting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        waiting -= spans.length
        if (result.code !== ExportResultCode.SUCCESS) dropped.add(spans.length)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
  const batches = new BatchSpanProcessor({
    exporter: counting,
    scheduledDelayMillis: delayMs,
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: MAX_BATCH,
  })
  return {
    onStart: () => undefined,
    onEnd: (span) => {
      if (waiting >= MAX_QUEUE) {
        dropped.add()
        return
      }
      waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}
