import { hostname } from 'node:os'
import { MAX_PARTITIONS } from './contract/streams.ts'
import type { RatePolicy } from './rates.ts'

/**
 * Configuration from environment variables. A service states its variables once as a spec; the type follows from it, and
 * every problem is reported at once before anything connects.
 */
interface Variable<T> {
  readonly doc: string
  readonly default: T | undefined
  parse(text: string): T
}

export type Spec = Readonly<Record<string, Variable<unknown>>>
export type Config<S extends Spec> = { readonly [K in keyof S]: S[K] extends Variable<infer T> ? T : never }

/** Thrown by `loadConfig`; `problems` has one line per variable that is missing or unusable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/** Any variable; `parse` throws an Error that ends the sentence which the variable's name begins. */
export const variable = <T>(doc: string, fallback: T | undefined, parse: (text: string) => T): Variable<T> => ({
  doc,
  default: fallback,
  parse,
})

export const text = (doc: string, fallback?: string): Variable<string> => variable(doc, fallback, (value) => value)

/** Texts separated by commas; spaces around them do not count. */
export const list = (doc: string, fallback?: string): Variable<readonly string[]> =>
  variable(doc, fallback === undefined ? undefined : parts(fallback), parts)

const parts = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** An absolute URL with one of the given schemes; several, separated by commas, where `many` is set. */
export const url = (doc: string, schemes: readonly string[], fallback?: string): Variable<string> =>
  variable(doc, fallback, (value) => {
    for (const part of value.split(',')) {
      const scheme = URL.canParse(part) ? new URL(part).protocol.slice(0, -1) : undefined
      if (scheme === undefined || !schemes.includes(scheme)) throw new Error(`must be a URL (${schemes.join(', ')})`)
    }
    return value
  })

/** A whole number within [min, max]. */
export const integer = (doc: string, range: { min: number; max: number }, fallback?: number): Variable<number> =>
  variable(doc, fallback, (value) => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < range.min || number > range.max || value.trim() === '') {
      throw new Error(`must be a whole number from ${range.min} to ${range.max}`)
    }
    return number
  })

/** A number within [min, max]. */
export const number = (doc: string, range: { min: number; max: number }, fallback?: number): Variable<number> =>
  variable(doc, fallback, (text) => {
    const value = Number(text)
    if (!(value >= range.min && value <= range.max) || text.trim() === '') {
      throw new Error(`must be a number from ${range.min} to ${range.max}`)
    }
    return value
  })

/** `burst/perSecond`: so many at once, and so many a second after that; `20/0.5` is one in two seconds. */
export const rate = (doc: string, fallback: string): Variable<RatePolicy> =>
  variable(doc, ratePolicy(fallback), ratePolicy)

const ratePolicy = (value: string): RatePolicy => {
  const [burst = Number.NaN, perSecond = Number.NaN] = value.split('/').map(Number)
  if (!Number.isInteger(burst) || burst < 1 || !(perSecond > 0) || !/^[\d.]+\/[\d.]+$/.test(value)) {
    throw new Error('must be burst/perSecond, such as 10/5')
  }
  return { burst, perSecond }
}

export const oneOf = <T extends string>(doc: string, values: readonly T[], fallback?: T): Variable<T> =>
  variable(doc, fallback, (value) => {
    const found = values.find((candidate) => candidate === value)
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`)
    return found
  })

/** @throws ConfigError with every problem at once. An empty variable counts as unset. */
export const loadConfig = <S extends Spec>(spec: S, env: NodeJS.ProcessEnv): Config<S> => {
  const problems: string[] = []
  const config: Record<string, unknown> = {}
  for (const [name, { doc, default: fallback, parse }] of Object.entries(spec)) {
    const value = env[name]
    if (value === undefined || value === '') {
      if (fallback === undefined) problems.push(`${name} is required (${doc})`)
      config[name] = fallback
      continue
    }
    try {
      config[name] = parse(value)
    } catch (cause) {
      problems.push(`${name} ${cause instanceof Error ? cause.message : 'is unusable'} (${doc})`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Config<S>
}

/** What every service has. */
export const commonSpec = {
  NATS_URL: url('NATS servers, comma-separated', ['nats', 'tls']),
  HEALTH_PORT: integer('port of /livez and /readyz; 0 = any', { min: 0, max: 65_535 }, 0),
  HEALTH_HOST: text('address of /livez and /readyz', '127.0.0.1'),
  LOG_LEVEL: oneOf('least severe level logged', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
  INSTANCE: text('name of this copy in logs, traces and NATS; the host name if empty', hostname()),
} as const

export const databaseUrl = url('Postgres', ['postgres', 'postgresql'])
export const redisUrl = url('Redis', ['redis', 'rediss', 'redis+sentinel', 'rediss+sentinel'])

/** The same for every service that publishes, reads or follows answers, and for the setup. */
export const answerPartitions = integer(
  'streams that the answers are spread over; the same everywhere',
  { min: 1, max: MAX_PARTITIONS },
  1,
)
