import type { Config } from './config.ts'
import type { Exporter } from './contract/metric-spec.ts'
import { METRICS } from './contract/names.ts'
import type { LogWatch } from './logger.ts'
import type { telemetrySpec } from './telemetry/config.ts'
import { createErrorReports, noErrorReports } from './telemetry/error-reports.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { observeProcess } from './telemetry/process-metrics.ts'
import { createSampler, createTracing, noTracing, type Tracing } from './telemetry/tracing.ts'

export type { Metrics } from './telemetry/metrics.ts'
export type { Span, Tracing } from './telemetry/tracing.ts'

/** Metrics and traces of a process; passed to the parts that record something. */
export interface Telemetry {
  readonly tracing: Tracing
  readonly metrics: Metrics
}

export interface RunningTelemetry extends Telemetry {
  /** Counts log lines and reports errors. */
  readonly logWatch: LogWatch
  /** Members of a log line: the ids of the current trace, if there is one. */
  logContext(): object
  /** Sends what is left, for as long as the deadline allows. Never rejects. */
  shutdown(): Promise<void>
}

/** Longest wait for what is left at the end. */
const SHUTDOWN_MS = 2_000

/** For tests, and for programs without telemetry. */
export const noTelemetry = (): Telemetry => ({ tracing: noTracing, metrics: createMetrics(undefined) })

/**
 * Metrics are always kept, for the scraper; traces are recorded when there is a collector to send them to. The SDK, a third
 * of what a process loads, is loaded only then.
 */
export const startTelemetry = async (options: {
  readonly service: Exporter
  readonly instance: string
  readonly version: string
  readonly config: Config<typeof telemetrySpec>
}): Promise<RunningTelemetry> => {
  const { service, instance, version, config } = options
  const metrics = createMetrics(service)
  const stopObserving = observeProcess(metrics)
  metrics.observe(METRICS.buildInfo, () => 1, service, version, config.PODIUM_COMMIT, process.version)
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  const exporting =
    endpoint === ''
      ? undefined
      : (await import('./telemetry/otlp.ts')).startExporting({
          endpoint,
          metrics,
          attributes: {
            'service.name': service,
            'service.namespace': 'podium',
            'service.instance.id': instance,
            'service.version': version,
          },
          spanDelayMs: config.OTEL_BSP_SCHEDULE_DELAY,
          metricsEveryMs: config.OTEL_METRIC_EXPORT_INTERVAL,
          dropped: metrics.counter(METRICS.spansDropped),
        })
  const sampler = createSampler(config.OTEL_TRACES_SAMPLER, config.OTEL_TRACES_SAMPLER_ARG)
  const reports =
    config.SENTRY_DSN === ''
      ? noErrorReports
      : createErrorReports(
          config.SENTRY_DSN,
          { service, instance, release: `podium@${version}` },
          metrics.counter(METRICS.reportsDropped),
        )
  const counters = new Map(
    (['warn', 'error', 'fatal'] as const).map((level) => [level, metrics.counter(METRICS.logRecords, level)]),
  )
  const tracing = exporting === undefined ? noTracing : createTracing(exporting.factory, sampler)
  return {
    tracing,
    metrics,
    logContext: () => tracing.current()?.log ?? {},
    logWatch: (level, message, details) => {
      counters.get(level)?.add()
      if (level === 'warn') return
      const { err: error, trace_id: traceId } = details
      reports.report({ message, level, error, traceId: typeof traceId === 'string' ? traceId : undefined })
    },
    shutdown: async () => {
      stopObserving()
      const deadline = new Promise((resolve) => setTimeout(resolve, SHUTDOWN_MS))
      const sent = Promise.allSettled([exporting?.shutdown(), reports.flush()])
      await Promise.race([sent, deadline])
    },
  }
}
