import type { Test } from 'tap'
import { startReceiver } from '../../../../deploy/local/otlp/receiver.ts'
import { type Span, spansOf } from '../../../../deploy/local/otlp/spans.ts'

/** Takes the telemetry of a stack, for looking at it. */
export interface TestCollector {
  /** For the services. */
  readonly env: Readonly<Record<string, string>>
  spans(traceId?: string): readonly Span[]
  /** Names of the metrics that a service has sent. */
  metricsOf(service: string): ReadonlySet<string>
}

interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
    }
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[]
  }[]
}

/** Everything is sampled and sent at once. */
export const startCollector = async (t: Test): Promise<TestCollector> => {
  const spans: Span[] = []
  const metrics = new Map<string, Set<string>>()
  const receiver = await startReceiver({
    onExport: (signal, json) => {
      if (signal === 'traces') {
        spans.push(...spansOf(json))
        return
      }
      for (const { resource, scopeMetrics } of (JSON.parse(json) as OtlpMetrics).resourceMetrics) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
        const known = metrics.get(service) ?? new Set()
        metrics.set(service, known)
        for (const { name } of scopeMetrics.flatMap(({ metrics }) => metrics)) known.add(name)
      }
    },
  })
  t.teardown(() => receiver.close())
  return {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
    spans: (traceId) => (traceId === undefined ? spans : spans.filter((span) => span.traceId === traceId)),
    metricsOf: (service) => metrics.get(service) ?? new Set(),
  }
}
