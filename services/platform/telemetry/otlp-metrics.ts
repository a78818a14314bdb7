import { type HrTime, ValueType } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics'
import { DEFAULT_BOUNDS } from '../contract/metric-spec.ts'
import type { Family, Metrics, Series } from './metrics.ts'

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
