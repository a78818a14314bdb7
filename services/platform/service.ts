import { readFileSync } from 'node:fs'
import { type Config, ConfigError, commonSpec, loadConfig, type Spec } from './config.ts'
import type { Exporter } from './contract/metric-spec.ts'
import { METRICS } from './contract/names.ts'
import { type OperatorPage, startHealth } from './health.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { createLogger, type Logger } from './logger.ts'
import { connectNats, type NatsConnection, observeBus } from './nats.ts'
import { telemetrySpec } from './telemetry/config.ts'
import { prometheusPage } from './telemetry/prometheus.ts'
import { startTelemetry, type Telemetry } from './telemetry.ts'

export interface Service<S extends Spec> {
  readonly config: Config<S> & Config<typeof commonSpec> & Config<typeof telemetrySpec>
  readonly logger: Logger
  readonly lifecycle: Lifecycle
  readonly nats: NatsConnection
  readonly telemetry: Telemetry
  /** What an operator may look at beside /livez, /readyz and /metrics, by path. */
  readonly pages: Map<string, OperatorPage>
}

/**
 * What every process begins with: configuration (every problem at once, exit 1), telemetry, logger, lifecycle, NATS and
 * the operator's endpoints. `start` wires the rest; the service is ready when it returns, while the connection to NATS is up
 * and what `start` returned, if anything, is true.
 */
export const runService = async <S extends Spec>(
  name: Exporter,
  spec: S,
  start: (service: Service<S>) => Promise<(() => Promise<boolean>) | undefined>,
): Promise<void> => {
  const config = readConfig(name, { ...commonSpec, ...telemetrySpec, ...spec }) as Service<S>['config']
  const { INSTANCE: instance, LOG_LEVEL: level } = config
  const telemetry = await startTelemetry({ service: name, instance, version: versionOf(), config })
  const { metrics } = telemetry
  const logger = createLogger({
    service: name,
    instance,
    level,
    watch: telemetry.logWatch,
    context: telemetry.logContext,
  })
  const lifecycle = createLifecycle(logger)
  lifecycle.onStop('telemetry', telemetry.shutdown)
  metrics.observe(METRICS.ready, () => (lifecycle.isReady() ? 1 : 0))
  const pages = new Map<string, OperatorPage>()
  pages.set('/metrics', (accept) => prometheusPage(metrics.families(), accept))
  try {
    const nats = await connectNats({ url: config.NATS_URL, service: name, name: instance, logger, lifecycle })
    const isConnected = observeBus(nats, metrics)
    const hasStore = await start({ config, logger, lifecycle, nats, telemetry, pages })
    const check = () => isConnected() && (hasStore?.() ?? true)
    await startHealth({ host: config.HEALTH_HOST, port: config.HEALTH_PORT, lifecycle, check, pages })
    // Ready means that the server knows every subscription made above.
    await nats.flush()
    lifecycle.ready()
  } catch (err) {
    lifecycle.fail(err, 'start failed')
  }
}

/** Of Podium, as package.json has it. */
export const versionOf = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

const readConfig = <S extends Spec>(name: string, spec: S): Config<S> => {
  try {
    return loadConfig(spec, process.env)
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err
    process.stderr.write(`${name}: cannot start\n${err.problems.map((problem) => `  ${problem}\n`).join('')}`)
    return process.exit(1)
  }
}
