import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PostgresPair } from './cluster.ts'
import { createCredentials } from './credentials.ts'
import { createDevIssuer, type DevIssuer } from './keys.ts'
import { openLogFile } from './log-file.ts'
import { freePort, isPortFree } from './processes/ports.ts'
import { createRecords, stopRecorded } from './processes/records.ts'
import { millisecondsSince, type Report } from './report.ts'
import { createRoster, type Roster, type StackProcess } from './roster.ts'
import { createService, type ServiceContext } from './services.ts'
import {
  processNames,
  type ServerName,
  type StackOptions,
  serverNames,
  serverVariables,
  withNodes,
} from './stack-options.ts'
import {
  type ServerUrls,
  type StackServers,
  startObserver,
  startPrometheus,
  startServers,
  startWeb,
} from './stack-servers.ts'

export type { StackProcess } from './roster.ts'
export { type ServiceName, type StackOptions, stackOptionsFromEnv } from './stack-options.ts'

export type Stack = {
  readonly dir: string
  /** The servers' with all rights. */
  readonly urls: Readonly<Record<'edge' | ServerName, string>>
  /** The servers as a service reaches them, with its rights. */
  readonly urlsOf: StackServers['urlsOf']
  readonly keysDir: string
  readonly issuer: DevIssuer
  readonly processes: readonly StackProcess[]
  /** Undefined when none was asked for, or none is to be had here. */
  readonly prometheusUrl: string | undefined
  /** Of the pages; undefined when they were not asked for, or cannot be built here. */
  readonly webUrl: string | undefined
  /** The two Postgres servers of a stack with three nodes; undefined without. */
  readonly postgres: PostgresPair | undefined
  /** Throws when there is none. `copy` is 1 unless given. */
  process(name: StackProcess['name'], copy?: number): StackProcess
  /** Resolves when every process is gone; may be called again. */
  stop(): Promise<void>
}

/**
 * Starts servers and services as child processes, watches over them, and resolves when all are ready. Rejects, with
 * everything stopped, when one does not become ready (with its last lines), when the edge's port is taken, or when a
 * stack runs in this folder already. What an earlier stack in this folder left running is stopped first.
 */
export const startStack = async (given: StackOptions): Promise<Stack> => {
  const options = withNodes(given)
  const dir = resolve(options.dir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const keysDir = join(dir, 'keys')
  const records = createRecords(join(dir, 'pids'))
  const holder = records.claim('supervisor', 'supervisor')
  if (holder !== undefined) throw new Error(`a stack runs in ${dir} already (process ${holder.pid})`)

  const log = openLogFile(join(dir, 'logs', 'podium.log'))
  const line = (name: string, text: string) => {
    log.write(`${name} | ${text}`)
    options.onLine?.(`${name} | ${text}`)
  }
  const event = (text: string) => {
    line('podium', text)
    options.onEvent?.(text)
  }
  const roster = createRoster(records, event)

  let closeServers: () => void = () => undefined
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= roster.stop().then(() => {
      options.signal?.removeEventListener('abort', stop)
      closeServers()
      rmSync(join(dir, 'env'), { force: true })
      event('stopped')
      log.close()
      records.remove('supervisor')
    })
    return stopping
  }

  try {
    options.signal?.throwIfAborted()
    options.signal?.addEventListener('abort', stop)
    const edgePort = await chooseEdgePort(options)
    await stopRecorded(records, {
      onStop: ({ name, pid }) => event(`stopping ${name} of an earlier run (process ${pid})`),
    })
    const [servers, issuer] = await Promise.all([
      startServers({ options, dir, credentials: createCredentials(keysDir) }, roster, { line, event }),
      createDevIssuer(keysDir),
    ])
    const { urlsOf, postgres } = servers
    closeServers = servers.close
    const observer = options.observe === true ? await startObserver(dir, roster, { line, event }) : {}
    const observed = { ...options, env: { ...observer, ...options.env } }
    await startServices({ options: observed, urlsOf, issuer, edgePort }, roster, { line, event })
    const { prometheusPort: port } = options
    const prometheusUrl = port === undefined ? undefined : await startPrometheus({ dir, port }, roster, { line, event })
    const webUrl =
      options.webPort === undefined
        ? undefined
        : await startWeb({ port: options.webPort, host: options.edgeHost ?? '127.0.0.1', edgePort, keysDir }, roster, {
            line,
            event,
          })
    const urls = { edge: `http://${reachable(options.edgeHost)}:${edgePort}`, ...servers.urls }
    writeFileSync(join(dir, 'env'), environmentFile({ ...urls, verify: urlsOf('verify'), prometheusUrl, webUrl }), {
      mode: 0o600,
    })
    const { processes } = roster
    return {
      dir,
      urls,
      issuer,
      processes,
      prometheusUrl,
      webUrl,
      keysDir,
      urlsOf,
      postgres,
      process: (name, copy = 1) => roster.find(name, copy),
      stop,
    }
  } catch (error) {
    await stop()
    throw options.signal?.aborted === true ? new Error('stopped while starting', { cause: error }) : error
  }
}

const chooseEdgePort = async ({ edgePort, edgeHost = '127.0.0.1' }: StackOptions): Promise<number> => {
  if (edgePort === undefined || edgePort === 0) return freePort()
  // Edges share a port on purpose, so the system would not stop ours from sharing it with those of another stack.
  if (await isPortFree(edgePort, edgeHost)) return edgePort
  throw new Error(`port ${edgePort} is taken; choose another one for the edge with EDGE_PORT`)
}

const startServices = async (context: ServiceContext, roster: Roster, { line, event }: Report): Promise<void> => {
  const began = performance.now()
  const services: StackProcess[] = []
  for (const name of processNames(context.options.copies)) {
    for (let copy = 1; copy <= (context.options.copies?.[name] ?? 1); copy++) {
      const healthPort = await freePort()
      const managed = createService(context, { name, copy, healthPort }, (text) => line(`${name}.${copy}`, text))
      services.push(roster.add(managed, 'service', { name, copy, healthUrl: `http://127.0.0.1:${healthPort}` }))
    }
  }
  await Promise.all(services.map((service) => service.start()))
  event(`${services.length} services are ready (${millisecondsSince(began)})`)
}

/** For shells: `. .podium/env`. All rights, except for what `make verify` uses. */
const environmentFile = ({ verify, prometheusUrl, webUrl, ...urls }: EnvironmentUrls): string =>
  [
    `EDGE_URL=${urls.edge}`,
    ...serverNames.map((name) => `${serverVariables[name]}=${urls[name]}`),
    ...serverNames.map((name) => `VERIFY_${serverVariables[name]}=${verify[name]}`),
    ...(prometheusUrl === undefined ? [] : [`PROMETHEUS_URL=${prometheusUrl}`]),
    ...(webUrl === undefined ? [] : [`WEB_URL=${webUrl}`]),
    '',
  ].join('\n')

type EnvironmentUrls = Stack['urls'] & Pick<Stack, 'prometheusUrl' | 'webUrl'> & { readonly verify: ServerUrls }

const reachable = (host = '127.0.0.1'): string => (host === '0.0.0.0' ? '127.0.0.1' : host)
