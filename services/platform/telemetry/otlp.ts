import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { DEFAULT_BOUNDS } from '../contract/metric-spec.ts'
import type { Counter, Family, Metrics, Series } from './metrics.ts'
import { createSpanFactory } from './span-factory.ts'
import type { SpanFactory } from './tracing.ts'

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
  /** Of the process; what OTEL_RESOURCE_ATTRIBUTES says is added. */
  readonly attributes: Attributes
  readonly metrics: Metrics
  readonly spanDelayMs: number
  readonly metricsEveryMs: number
  readonly dropped: Counter
}): Exporting => {
  const { endpoint, attributes, metrics, spanDelayMs, metricsEveryMs, dropped } = options
  const resource = resourceFromAttributes(attributes).merge(detectResources({ detectors: [envDetector] }))
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

/** Our metrics as the SDK's metric reader wants them. OTLP in JavaScript has no exemplars; the scraped page has. */
export const createMetricProducer = (metrics: Metrics, resource: Resource): MetricProducer => {
  const startTime = toHrTime(performance.timeOrigin)
  return {
    collect: async () => {
      const times = { startTime, endTime: toHrTime(Date.now()) }
      const data = Array.from(metrics.families(), (family) => toMetricData(family, times))
      const scopeMetrics = [
        { scope: { name: 'podium' }, metrics: data.filter(({ dataPoints }) => dataPoints.length > 0) },
      ]
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] }
    },
  }
}

interface Times {
  readonly startTime: HrTime
  readonly endTime: HrTime
}

const toMetricData = ({ spec, series }: Family, times: Times): MetricData => {
  const { name, unit, description, type, bounds = DEFAULT_BOUNDS } = spec
  const descriptor = { name, unit, description, valueType: ValueType.DOUBLE }
  const base = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE }
  const attributesOf = ({ values }: Series) =>
    Object.fromEntries((spec.attributes ?? []).map((key, index) => [key, values[index] ?? '']))
  const each = [...series.values()].map((one) => ({ attributes: attributesOf(one), state: one.read() }))
  const numbers = each.flatMap(({ attributes, state }) =>
    typeof state === 'number' ? [{ ...times, attributes, value: state }] : [],
  )
  switch (type) {
    case 'gauge':
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: numbers }
    case 'counter':
      return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: numbers }
    case 'histogram':
      return {
        ...base,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: each.flatMap(({ attributes, state }) => {
          if (typeof state !== 'object') return []
          const counts = [...state.counts]
          const count = counts.reduce((total, one) => total + one, 0)
          const value = { buckets: { boundaries: [...bounds], counts }, sum: state.sum, count }
          return [{ ...times, attributes, value }]
        }),
      }
    default:
      return type satisfies never
  }
}

const toHrTime = (epochMs: number): HrTime => [Math.floor(epochMs / 1_000), Math.round((epochMs % 1_000) * 1e6)]
