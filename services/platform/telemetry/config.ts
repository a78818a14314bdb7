import { integer, number, oneOf, text, url, variable } from '../config.ts'
import { endpointOf } from './error-reports.ts'
import { SAMPLERS } from './tracing.ts'

/**
 * Telemetry of every service. The names are OpenTelemetry's and Sentry's own; further OTEL_EXPORTER_OTLP_* (headers,
 * timeout, certificate, compression) are read by the exporter itself.
 */
export const telemetrySpec = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url(
    'collector that gets traces and metrics as OTLP over HTTP; none if empty',
    ['http', 'https'],
    '',
  ),
  OTEL_TRACES_SAMPLER: oneOf('which traces are recorded', SAMPLERS, 'parentbased_traceidratio'),
  OTEL_TRACES_SAMPLER_ARG: number('share of the traces that begin here', { min: 0, max: 1 }, 0.01),
  OTEL_BSP_SCHEDULE_DELAY: integer('milliseconds that a span waits to be sent', { min: 10, max: 60_000 }, 1_000),
  OTEL_METRIC_EXPORT_INTERVAL: integer(
    'milliseconds between two exports of the metrics',
    { min: 100, max: 600_000 },
    15_000,
  ),
  OTEL_RESOURCE_ATTRIBUTES: text('more about this process, as key=value,key=value', ''),
  SENTRY_DSN: variable('project that gets errors; none if empty', '', (dsn) => {
    endpointOf(dsn)
    return dsn
  }),
  PODIUM_COMMIT: text('commit that this was built from', 'unknown'),
} as const
