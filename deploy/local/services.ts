import { join } from 'node:path'
import { type DevIssuer, devAudience, devIssuerName } from './keys.ts'
import { projectRoot } from './paths.ts'
import { createManagedProcess, type ManagedProcess } from './processes/managed.ts'
import type { ServerName, ServiceName, StackOptions } from './stack-options.ts'

export type ServiceContext = {
  readonly options: StackOptions
  /** The servers as a service reaches them, with its own user where there is one. */
  readonly urlsOf: (service: ServiceName) => Readonly<Record<ServerName, string>>
  readonly issuer: DevIssuer
  readonly edgePort: number
}

/** Longer than the services' own deadline for a graceful stop. */
const stopTimeoutMs = 12_000

/** One copy of one service as a process of its own. */
export const createService = (
  context: ServiceContext,
  service: { readonly name: ServiceName; readonly copy: number; readonly healthPort: number },
  onLine: (line: string) => void,
): ManagedProcess => {
  const { options } = context
  const env = {
    ...inherited(process.env),
    ...environmentOf(service.name, context),
    ANSWER_PARTITIONS: String(options.partitions ?? 1),
    HEALTH_PORT: String(service.healthPort),
    LOG_LEVEL: options.logLevel ?? 'info',
    INSTANCE: `${service.name}-${service.copy}`,
    ...options.env,
  }
  const main = join(options.servicesDir ?? join(projectRoot, 'services'), service.name, 'main.ts')
  return createManagedProcess({
    name: `${service.name}.${service.copy}`,
    stopSignal: 'SIGTERM',
    stopTimeoutMs,
    startTimeoutMs: options.readyTimeoutMs ?? 30_000,
    // Another process may be looking whether the port is free.
    retryOn: /cannot listen|EADDRINUSE/,
    onLine,
    command: () => ({ ...nodeCommand(main, env), env, cwd: projectRoot }),
    probe: () => probeReadiness(service.healthPort),
  })
}

/** Each service gets the addresses and keys it works with, and no others. */
const environmentOf = (
  name: ServiceName,
  { urlsOf, issuer, options, edgePort }: ServiceContext,
): Record<string, string> => {
  const urls = urlsOf(name)
  const nats = { NATS_URL: urls.nats }
  const database = { DATABASE_URL: urls.postgres }
  const tokens = () => ({
    USER_JWKS: issuer.files.userJwks,
    USER_ISSUER: devIssuerName,
    USER_AUDIENCE: devAudience,
    PLAYER_JWKS: issuer.files.playerJwks,
  })
  switch (name) {
    case 'edge':
      return {
        ...nats,
        ...tokens(),
        EDGE_HOST: options.edgeHost ?? '127.0.0.1',
        EDGE_PORT: String(edgePort),
        ...corsOrigins(options),
      }
    case 'session':
      return { ...nats, ...database, ...tokens(), PLAYER_SIGNING_KEY: issuer.files.playerSigningKey }
    case 'evaluator':
    case 'scorer':
      return { ...nats, ...database }
    case 'leaderboard':
    case 'worker':
      return { ...nats, ...database, REDIS_URL: urls.redis }
    default:
      return name satisfies never
  }
}

/** The pages are on another port, under whatever name a browser has for this machine; tokens are in headers, not in cookies. */
const corsOrigins = ({ corsOrigins, webPort }: StackOptions): Record<string, string> => {
  const origins = corsOrigins ?? (webPort === undefined ? undefined : '*')
  return origins === undefined ? {} : { CORS_ORIGINS: origins }
}

const inheritedNames = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'NODE_EXTRA_CA_CERTS']

/** What of our environment the services see. */
const inherited = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env)
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .filter(([name]) => /^(PODIUM|OTEL)_/.test(name) || inheritedNames.includes(name)),
  )

/**
 * Test runners hook into every child process by adding NODE_OPTIONS behind the caller's back. Services shall run as they
 * do elsewhere, so only NODE_OPTIONS given on purpose reaches them.
 */
const nodeCommand = (main: string, env: Readonly<Record<string, string>>) =>
  env.NODE_OPTIONS === undefined
    ? { file: 'env', args: ['-u', 'NODE_OPTIONS', process.execPath, main] }
    : { file: process.execPath, args: [main] }

const probeReadiness = async (port: number): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
  if (response.status !== 200) throw new Error(`/readyz answers ${response.status}`)
}
