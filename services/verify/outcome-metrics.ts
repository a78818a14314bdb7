import { hostname } from 'node:os'
import { loadConfig } from '#platform/config'
import { METRICS } from '#platform/contract/names'
import { versionOf } from '#platform/service'
import { startTelemetry } from '#platform/telemetry'
import { telemetrySpec } from '#platform/telemetry/config'
import type { Outcomes } from './run.ts'

/**
 * What tells the collector of OTEL_EXPORTER_OTLP_ENDPOINT, if there is one, how many sessions agreed with their ledger and how
 * many did not: a program that ends cannot be scraped. It never rejects; an unavailable collector costs two seconds.
 * @throws ConfigError
 */
export const createOutcomeSender = (env: NodeJS.ProcessEnv): ((outcomes: Outcomes) => Promise<void>) => {
  const config = loadConfig(telemetrySpec, env)
  return async (outcomes) => {
    if (config.OTEL_EXPORTER_OTLP_ENDPOINT === '') return
    const telemetry = await startTelemetry({ service: 'verify', instance: hostname(), version: versionOf(), config })
    for (const outcome of ['match', 'mismatch'] as const) {
      telemetry.metrics.counter(METRICS.verifications, outcome).add(outcomes[outcome])
    }
    await telemetry.shutdown()
  }
}
