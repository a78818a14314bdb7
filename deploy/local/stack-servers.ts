import { join } from 'node:path'
import { applyMigrations } from '../migrations/apply.ts'
import { applyDeclarations } from '../nats/apply.ts'
import { applyRoles } from '../postgres/apply.ts'
import { type DatabaseUser, roleOf } from '../postgres/roles.ts'
import { createCluster, type PostgresPair } from './cluster.ts'
import { type Credentials, urlFor } from './credentials.ts'
import { tracesFile } from './paths.ts'
import { millisecondsSince, type Report } from './report.ts'
import type { Roster } from './roster.ts'
import { createNats } from './servers/nats.ts'
import { createOtlp } from './servers/otlp.ts'
import { createPostgres } from './servers/postgres.ts'
import { createPrometheus } from './servers/prometheus.ts'
import { createRedis } from './servers/redis.ts'
import type { Server, ServerOptions } from './servers/server.ts'
import { createWeb } from './servers/web.ts'
import type { ServerName, ServerUser, StackOptions } from './stack-options.ts'
import { findPrometheus } from './tools/prometheus.ts'
import { builtPages } from './web/build.ts'

export type ServerUrls = Readonly<Record<ServerName, string>>

export type StackServers = {
  /** With the rights to do everything. */
  readonly urls: ServerUrls
  /** With the rights of one service; of a server it has no user for, the empty text. */
  readonly urlsOf: (user: ServerUser) => ServerUrls
  readonly postgres: PostgresPair | undefined
  /** Of what runs in this process; the others are on the roster. */
  readonly close: () => void
}

/** Starts the servers that are not given, all at once, and prepares each as soon as it is there: schema, roles, streams. */
export const startServers = async (
  { options, dir, credentials }: { options: StackOptions; dir: string; credentials: Credentials },
  roster: Roster,
  { line, event }: Report,
): Promise<StackServers> => {
  const start = async (name: ServerName, create: (options: ServerOptions) => Server): Promise<string> => {
    const given = options.servers?.[name]
    if (given !== undefined) return given
    const began = performance.now()
    const server = create({
      dataDir: join(dir, 'data', name),
      port: options.ports?.[name],
      onLine: (text) => line(name, text),
    })
    await roster.add(server, 'server', { name, copy: 1, healthUrl: undefined }).start()
    event(`${name} listens on port ${server.port} (${millisecondsSince(began)})`)
    return server.url
  }
  const cluster = createCluster({ dir: join(dir, 'data', 'cluster'), ports: options.ports, credentials }, roster, {
    line,
    event,
  })
  const isCluster = (name: ServerName) => options.nodes === 3 && options.servers?.[name] === undefined
  const startNats = async () => {
    const isOwn = options.servers?.nats === undefined
    const url = isCluster('nats')
      ? await cluster.startNats()
      : await start('nats', (own) => createNats({ ...own, passwords: credentials.nats }))
    // The stack's own server follows the declarations of the working tree; one that is given never gets weaker by a start.
    const declarations = { partitions: options.partitions ?? 1, allowWeaker: isOwn }
    if (isCluster('nats')) await cluster.declare(url, declarations)
    else await applyDeclarations(url, declarations)
    return url
  }
  const startPostgres = async () => {
    const pair = isCluster('postgres') ? await cluster.startPostgres() : undefined
    const url = pair?.url ?? (await start('postgres', createPostgres))
    await applyMigrations(url)
    // Roles belong to a whole server; on one that is not ours, its operator makes them (deploy/postgres/apply.ts).
    if (options.servers?.postgres === undefined) await applyRoles(url, credentials.postgres)
    return { pair, url }
  }
  try {
    const [nats, redis, postgres] = await Promise.all([
      startNats(),
      isCluster('redis')
        ? cluster.startRedis()
        : start('redis', (own) => createRedis({ ...own, passwords: credentials.redis })),
      startPostgres(),
    ])
    const urls = { nats, redis, postgres: postgres.url }
    const urlsOf = createUrlsOf(urls, options, credentials)
    return { urls, urlsOf, postgres: postgres.pair, close: cluster.close }
  } catch (error) {
    cluster.close()
    throw error
  }
}

/** What sends every trace of the services into a file of the stack's folder. */
export const startObserver = async (
  dir: string,
  roster: Roster,
  { line, event }: Report,
): Promise<Readonly<Record<string, string>>> => {
  const file = tracesFile(dir)
  const server = createOtlp({ file, onLine: (text) => line('otlp', text) })
  await roster.add(server, 'server', { name: 'otlp', copy: 1, healthUrl: undefined }).start()
  event(`traces go to ${file}`)
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  }
}

/** Starts what serves the pages; undefined, with an event that says why, when they cannot be built here. */
export const startWeb = async (
  options: Parameters<typeof createWeb>[0],
  roster: Roster,
  { line, event }: Report,
): Promise<string | undefined> => {
  const server = createWeb({ ...options, onLine: (text) => line('web', text) })
  try {
    await builtPages()
    await roster.add(server, 'server', { name: 'web', copy: 1, healthUrl: undefined }).start()
  } catch (error) {
    event(`no pages: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
  event(`the pages are on port ${server.port}`)
  return server.url
}

/** Prometheus for all services that run; undefined, with an event that says why, where it cannot be had. */
export const startPrometheus = async (
  { dir, port }: { readonly dir: string; readonly port: number },
  roster: Roster,
  { line, event }: Report,
): Promise<string | undefined> => {
  const targets: Record<string, string[]> = {}
  for (const { name, healthUrl } of roster.processes) {
    if (healthUrl !== undefined) targets[name] = [...(targets[name] ?? []), new URL(healthUrl).host]
  }
  const dataDir = join(dir, 'data', 'prometheus')
  const server = createPrometheus({ dataDir, port, targets, onLine: (text) => line('prometheus', text) })
  try {
    // Before it is on the roster: what does not start for want of a package need not be watched.
    await findPrometheus('prometheus')
    await roster.add(server, 'server', { name: 'prometheus', copy: 1, healthUrl: undefined }).start()
  } catch (error) {
    event(`no Prometheus: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
  event(`prometheus listens on port ${server.port}`)
  return server.url
}

/** Own servers know every service; of a given one its URL counts, unless there is one for the service alone. */
const createUrlsOf =
  (urls: ServerUrls, options: StackOptions, credentials: Credentials): StackServers['urlsOf'] =>
  (user) => {
    const passwords = credentials as Readonly<Record<ServerName, Readonly<Partial<Record<ServerUser, string>>>>>
    const urlOf = (server: ServerName): string => {
      if (options.servers?.[server] !== undefined) return options.serversOf?.[user]?.[server] ?? urls[server]
      const password = passwords[server][user]
      if (password === undefined) return ''
      return urlFor(urls[server], server === 'postgres' ? roleOf(user as DatabaseUser) : user, password)
    }
    return { nats: urlOf('nats'), redis: urlOf('redis'), postgres: urlOf('postgres') }
  }
