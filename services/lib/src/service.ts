import { type Config, ConfigError, commonSpec, loadConfig, type Spec } from './config.ts'
import { startHealth } from './health.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { createLogger, type Logger } from './logger.ts'
import { connectNats, type NatsConnection } from './nats.ts'

export interface Service<S extends Spec> {
  readonly config: Config<S> & Config<typeof commonSpec>
  readonly logger: Logger
  readonly lifecycle: Lifecycle
  readonly nats: NatsConnection
}

/**
 * What every process begins with: configuration (every problem at once, exit 1), logger, lifecycle, NATS and the health
 * endpoints. `start` wires the rest and returns a check for readiness; the service is ready when it returns.
 */
export const runService = async <S extends Spec>(
  name: string,
  spec: S,
  start: (service: Service<S>) => Promise<() => Promise<boolean>>,
): Promise<void> => {
  const config = readConfig(name, { ...commonSpec, ...spec }) as Service<S>['config']
  const logger = createLogger({ service: name, instance: config.INSTANCE, level: config.LOG_LEVEL })
  const lifecycle = createLifecycle(logger)
  try {
    const nats = await connectNats({ url: config.NATS_URL, service: name, name: config.INSTANCE, logger, lifecycle })
    const check = await start({ config, logger, lifecycle, nats })
    await startHealth({ host: config.HEALTH_HOST, port: config.HEALTH_PORT, lifecycle, check })
    // Ready means that the server knows every subscription made above.
    await nats.flush()
    lifecycle.ready()
  } catch (err) {
    lifecycle.fail(err, 'start failed')
  }
}

const readConfig = <S extends Spec>(name: string, spec: S): Config<S> => {
  try {
    return loadConfig(spec, process.env)
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err
    process.stderr.write(`${name}: cannot start\n${err.problems.map((problem) => `  ${problem}\n`).join('')}`)
    return process.exit(1)
  }
}
