import { readFileSync } from 'node:fs'
import pg from 'pg'
import { type Account, findAccount, runAs } from './postgres-account.ts'
import { clusterPaths, findBinaries, prepareCluster, superuser } from './postgres-cluster.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

export type PostgresOptions = ServerOptions & {
  /** The database that exists once the server is ready; default `podium`. */
  readonly database?: string
  /** Default true. False saves the fsyncs where a power cut may cost the data: temporary servers of tests. kill -9 is safe anyway. */
  readonly durable?: boolean
  /** More settings. */
  readonly settings?: Readonly<Record<string, string>>
  /** How root runs it; default the first way that works. */
  readonly account?: Account
}

/** Postgres from npm, over TCP on 127.0.0.1 only, with password. */
export const createPostgres = (options: PostgresOptions): Server => {
  const { dataDir, database = 'podium', durable = true } = options
  const paths = clusterPaths(dataDir)
  const url = (port: number, name: string) => {
    const password = encodeURIComponent(readFileSync(paths.password, 'utf8'))
    return `postgres://${superuser}:${password}@127.0.0.1:${port}/${name}`
  }
  return createServer(options, {
    name: 'postgres',
    stopSignal: 'SIGINT', // "fast": ends connections; SIGTERM would wait for the clients to leave
    stopTimeoutMs: 15_000,
    // initdb writes and syncs a thousand files, and so does the copy for a standby.
    startTimeoutMs: 60_000,
    // After kill -9 the backends of the old server need a moment to notice and leave the shared memory.
    retryOn: /pre-existing shared memory|lock file .* already exists/,
    url: (port) => url(port, database),
    async command(port) {
      const [binaries, account] = [await findBinaries(), options.account ?? findAccount()]
      await prepareCluster(dataDir, binaries, account)
      const settings = {
        ...baseSettings,
        port,
        ...(options.settings ?? {}),
        ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      }
      const args = [
        '-D',
        paths.cluster,
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ]
      return { ...runAs(account, binaries.postgres, args), env: serverEnvironment(), cwd: dataDir }
    },
    // The password is the cluster's own, so no other server that took the port would let us in.
    probe: (port) => ensureDatabase(url(port, 'postgres'), database),
  })
}

const baseSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Two copies of each service with a pool of ten each, tests, and a developer with psql.
  max_connections: 200,
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  jit: 'off', // costs more than it gives on short statements
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

const ensureDatabase = async (adminUrl: string, database: string): Promise<void> => {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000, query_timeout: 10_000 })
  client.on('error', () => undefined) // a later outage of the server shows in the query that fails, or in its exit
  try {
    await client.connect()
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}
