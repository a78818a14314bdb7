import { appendFile, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import pg from 'pg'
import { type Account, giveTo } from './postgres-account.ts'
import { clusterPaths } from './postgres-cluster.ts'

/** Of the standby, in the primary's synchronous_standby_names. */
const STANDBY_NAME = 'standby'
const CLONES = 3

/** One statement with all rights; no wait is longer than `timeoutMs`. */
export const queryOnce = async <Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  timeoutMs = 10_000,
): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs })
  client.on('error', () => undefined) // shows in the query
  try {
    await client.connect()
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** What a copy must not take over: the running server's lock, its log (the standby asks for that) and its slots. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
  'pg_replslot',
  'pg_stat_tmp',
  'pgsql_tmp',
])

/** Makes a folder the copy of a running primary that follows it, in place of what was there. */
export const cloneCluster = async (
  primary: { readonly url: string; readonly dataDir: string },
  dataDir: string,
  account: Account,
): Promise<void> => {
  const [from, to] = [clusterPaths(primary.dataDir), clusterPaths(dataDir)]
  await rm(dataDir, { recursive: true, force: true })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await cp(from.password, to.password)
  const unfinished = join(dataDir, 'unfinished')
  const client = new pg.Client({
    connectionString: primary.url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  })
  client.on('error', () => undefined) // shows in the query
  try {
    await client.connect()
    for (let attempt = 1; ; attempt++) {
      await client.query(`SELECT pg_backup_start('${STANDBY_NAME}', true)`)
      try {
        await cp(from.cluster, unfinished, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) })
        const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
        await writeFile(join(unfinished, 'backup_label'), rows[0]?.labelfile ?? '')
        break
      } catch (error) {
        // A table that was dropped while it was copied.
        if (attempt === CLONES) throw error
        await client.query('SELECT pg_backup_stop(false)').catch(() => undefined)
        await rm(unfinished, { recursive: true, force: true })
      }
    }
  } finally {
    await client.end().catch(() => undefined)
  }
  for (const folder of ['pg_wal/archive_status', 'pg_wal/summaries', 'pg_replslot', 'pg_stat_tmp']) {
    await mkdir(join(unfinished, folder), { recursive: true, mode: 0o700 })
  }
  const { hostname, port, username, password } = new URL(primary.url)
  const connection = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)} application_name=${STANDBY_NAME}`
  await appendFile(
    join(unfinished, 'postgresql.auto.conf'),
    `primary_conninfo = '${connection}'\nsynchronous_standby_names = ''\n`,
  )
  await writeFile(join(unfinished, 'standby.signal'), '')
  giveTo(account, dataDir, join(unfinished, 'standby.signal'))
  await rename(unfinished, to.cluster)
}

/** From now on a commit is one when the standby has it on disk; while there is no standby, commits wait. */
export const requireStandby = async (primaryUrl: string): Promise<void> => {
  await queryOnce(primaryUrl, `ALTER SYSTEM SET synchronous_standby_names = '${STANDBY_NAME}'`)
  await queryOnce(primaryUrl, 'SELECT pg_reload_conf()')
}

/** Whether the standby streams, and commits wait for it. */
export const isSynchronous = async (primaryUrl: string): Promise<boolean> => {
  const rows = await queryOnce<{ sync_state: string }>(primaryUrl, 'SELECT sync_state FROM pg_stat_replication')
  return rows.some(({ sync_state }) => sync_state === 'sync')
}
