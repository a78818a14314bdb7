import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createPostgres } from '../../../../deploy/local/servers/postgres.ts'
import { templateDatabase } from '../../../../deploy/local/test-postgres.ts'
import { applyMigrations } from '../../../../deploy/migrations/apply.ts'
import { startServer, type TestContext, type TestServer } from './server.ts'

/**
 * A database of the test's own, with all migrations applied, on the Postgres that the whole test run shares. Dropped in
 * teardown, connections to it or not.
 */
export const testDatabase = async (t: TestContext): Promise<{ readonly url: string; readonly name: string }> => {
  const adminUrl = process.env.TEST_DATABASE_URL
  if (adminUrl === undefined) {
    throw new Error(
      'this test needs Postgres (TEST_DATABASE_URL is not set); run it with: npm test -- path/of/the.test.ts',
    )
  }
  const name = `podium_test_${randomBytes(6).toString('hex')}`
  await query(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${templateDatabase}`)
  t.teardown(() => query(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`))
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { url: url.href, name }
}

/** A Postgres server of the test's own, for tests that kill it; `url` is a migrated database. */
export const startPostgres = async (t: TestContext): Promise<TestServer> => {
  const server = await startServer(t, ({ dataDir }) =>
    createPostgres({ dataDir, database: templateDatabase, durable: false }),
  )
  await applyMigrations(server.url)
  return server
}

const query = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 30_000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
