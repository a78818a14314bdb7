import { MAX_PARTITIONS } from '#platform/contract/streams'

/** What works on answers: in one process, `worker`, or each in processes of its own. */
export const workerRoles = ['evaluator', 'scorer', 'leaderboard'] as const
/** In the order in which they are started and, read backwards, in groups, stopped. */
export const serviceNames = ['session', ...workerRoles, 'edge'] as const
export type ServiceName = (typeof serviceNames)[number] | 'worker'

export const serverNames = ['nats', 'redis', 'postgres'] as const
export type ServerName = (typeof serverNames)[number]

/** Who has users of its own on the servers. */
export const serverUsers = [...serviceNames, 'worker', 'verify'] as const
export type ServerUser = (typeof serverUsers)[number]

export type StackOptions = {
  /** Folder of everything that belongs to this stack: data, logs, keys, process records, env. Created when missing. */
  readonly dir: string
  /** All copies of the edge share it. Default 0: a free one. A port that is taken is an error. */
  readonly edgePort?: number
  /** Default 127.0.0.1. */
  readonly edgeHost?: string
  /** Origins whose pages may use the API, comma-separated; `*` = all. Default: none. */
  readonly corsOrigins?: string
  /** Preferred ports of the servers; a free one is taken where that is not possible. */
  readonly ports?: Readonly<Partial<Record<ServerName, number>>>
  /** Default 1 each. The worker's roles are processes of their own where copies of one of them are asked for. */
  readonly copies?: Readonly<Partial<Record<ServiceName, number>>>
  /** Streams that the answers are spread over. Default 1, with three nodes 3. */
  readonly partitions?: number
  /**
   * 3: what the stack starts of servers are three NATS servers with streams of three copies, a Postgres primary with a synchronous
   * standby, and a Redis master with a copy and three Sentinels, with data of their own; and two copies of each service unless
   * `copies` says otherwise. Default 1.
   */
  readonly nodes?: 1 | 3
  /** URLs of servers that run already; the stack starts only the others. */
  readonly servers?: Readonly<Partial<Record<ServerName, string>>>
  /** URLs for single services (and `verify`) where their servers are not the stack's own: each with a user of its own. */
  readonly serversOf?: Readonly<Partial<Record<ServerUser, Readonly<Partial<Record<ServerName, string>>>>>>
  /** More environment for every service. PODIUM_* and OTEL_* of ours pass anyway. */
  readonly env?: Readonly<Record<string, string>>
  /** Every trace is recorded, in a file (`npm run trace`). Default: what OTEL_* says, which is none. */
  readonly observe?: boolean
  /** Prometheus looks at every service; this is its preferred port. Default: it does not run. */
  readonly prometheusPort?: number
  /** The pages of services/web and the development login are served; this is their preferred port, 0 for any. Default: they are not. */
  readonly webPort?: number
  /** LOG_LEVEL of the services, default info. */
  readonly logLevel?: string
  /** Gets every line that goes to the log, as in "edge.1 | …". */
  readonly onLine?: (line: string) => void
  /** Gets what the supervisor has to say, as in "scorer.2 died (SIGKILL), restarting in 100 ms". */
  readonly onEvent?: (text: string) => void
  /** Per process, default 30 000. */
  readonly readyTimeoutMs?: number
  /** Stops the stack when aborted, also while it starts. */
  readonly signal?: AbortSignal
  /** Other services than ours, for tests of the supervisor itself: `<folder>/<name>/main.ts`. */
  readonly servicesDir?: string
}

/** What three nodes mean for the services, where nothing else is asked for. */
export const withNodes = (options: StackOptions): StackOptions =>
  options.nodes === 3
    ? { partitions: 3, ...options, copies: { session: 2, worker: 2, edge: 2, ...options.copies } }
    : options

/** The processes of a stack, by the copies that are asked for. */
export const processNames = (copies: StackOptions['copies'] = {}): readonly ServiceName[] =>
  workerRoles.some((role) => copies[role] !== undefined) ? serviceNames : ['session', 'worker', 'edge']

const copiesVariables: Readonly<Record<ServiceName, string>> = {
  session: 'SESSIONS',
  evaluator: 'EVALUATORS',
  scorer: 'SCORERS',
  leaderboard: 'LEADERBOARDS',
  worker: 'WORKERS',
  edge: 'EDGES',
}

export const serverVariables: Readonly<Record<ServerName, string>> = {
  nats: 'NATS_URL',
  redis: 'REDIS_URL',
  postgres: 'DATABASE_URL',
}

/** Not the standard one, which the system's own may have. */
const prometheusPort = 19_090

/** Any number of copies is possible; more than this is a slip of the finger. */
const mostCopies = 64

/**
 * The options a user sets by environment: EDGE_PORT, EDGE_HOST, WEB_PORT, CORS_ORIGINS, EDGES, SESSIONS, WORKERS or EVALUATORS, SCORERS and
 * LEADERBOARDS, ANSWER_PARTITIONS, NODES, NATS_URL, REDIS_URL, DATABASE_URL, the latter three also for single services (EDGE_NATS_URL,
 * SCORER_DATABASE_URL, …), LOG_LEVEL,
 * OBSERVE=1. An empty variable counts as unset. Throws with every problem at once.
 */
export const stackOptionsFromEnv = (
  env: NodeJS.ProcessEnv,
): Pick<
  StackOptions,
  | 'edgePort'
  | 'edgeHost'
  | 'corsOrigins'
  | 'copies'
  | 'partitions'
  | 'nodes'
  | 'servers'
  | 'serversOf'
  | 'logLevel'
  | 'observe'
  | 'prometheusPort'
  | 'webPort'
> => {
  const problems: string[] = []
  const number = (name: string, lowest: number, highest: number): number | undefined => {
    const text = env[name]
    if (text === undefined || text === '') return undefined
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value
    problems.push(`${name}=${text} must be a whole number from ${lowest} to ${highest}`)
    return undefined
  }
  const edgePort = number('EDGE_PORT', 0, 65_535)
  const partitions = number('ANSWER_PARTITIONS', 1, MAX_PARTITIONS)
  const webPort = number('WEB_PORT', 0, 65_535)
  const copies = pick([...serviceNames, 'worker'] as const, (name) => number(copiesVariables[name], 1, mostCopies))
  const servers = pick(serverNames, (name) => env[serverVariables[name]] || undefined)
  const serversOf = pick(serverUsers, (user) => {
    const own = pick(serverNames, (name) => env[`${user.toUpperCase()}_${serverVariables[name]}`] || undefined)
    return Object.keys(own).length === 0 ? undefined : own
  })
  const nodes = env.NODES === '3' ? 3 : undefined
  if (!['', '1', '3', undefined].includes(env.NODES)) problems.push(`NODES=${env.NODES} must be 1 or 3`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return {
    ...(edgePort === undefined ? {} : { edgePort }),
    ...(partitions === undefined ? {} : { partitions }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(env.EDGE_HOST ? { edgeHost: env.EDGE_HOST } : {}),
    ...(env.CORS_ORIGINS ? { corsOrigins: env.CORS_ORIGINS } : {}),
    ...(env.LOG_LEVEL ? { logLevel: env.LOG_LEVEL } : {}),
    ...(env.OBSERVE && env.OBSERVE !== '0' ? { observe: true, prometheusPort } : {}),
    ...(webPort === undefined ? {} : { webPort }),
    copies,
    servers,
    serversOf,
  }
}

const pick = <K extends string, V>(keys: readonly K[], lookUp: (key: K) => V | undefined): Partial<Record<K, V>> =>
  Object.fromEntries(keys.map((key) => [key, lookUp(key)]).filter(([, value]) => value !== undefined))
