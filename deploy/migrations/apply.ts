import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import pg from 'pg'

/** Names of the migrations that were applied now. */
export type Applied = readonly string[]

/**
 * Brings the schema of a database up to date with the SQL files of this folder, all of them or none, and makes the ledger's
 * partitions of this month and the next two. Callers that come at the same time wait for each other (30 s at most). Safe
 * to repeat.
 */
export const applyMigrations = async (databaseUrl: string): Promise<Applied> => {
  // A client of ours, because the runner does not wait until its own one is disconnected.
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    lock_timeout: 30_000,
    application_name: 'migrations',
  })
  client.on('error', () => undefined) // a lost connection shows in the query that fails
  await client.connect()
  try {
    const applied = await runner({
      dbClient: client,
      dir: fileURLToPath(new URL('.', import.meta.url)),
      ignorePattern: '(?!.*\\.sql$).*',
      direction: 'up',
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      log: () => undefined,
    })
    await client.query(`SELECT make_ledger_partitions((now() AT TIME ZONE 'UTC')::date, 3)`)
    return applied.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

if (import.meta.main) {
  const url = process.env.DATABASE_URL
  if (url === undefined || url === '') {
    console.error('DATABASE_URL is not set')
    process.exitCode = 2
  } else {
    const applied = await applyMigrations(url)
    console.log(applied.length === 0 ? 'the schema is up to date' : `applied: ${applied.join(', ')}`)
  }
}
