import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from '../migrations/apply.ts'
import { createPostgres } from './servers/postgres.ts'
import { TEMPLATE_VARIABLE } from './servers/postgres-cluster.ts'

/** The migrated database that the databases of single tests are copies of. No client may stay connected to it. */
export const templateDatabase = 'podium_template'

/**
 * A temporary Postgres for one run of tests. `env` is for the tests: the address of its database `postgres`, and a cluster with
 * the migrated database that servers which tests start themselves are copies of.
 */
export const startTestPostgres = async (): Promise<{
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}> => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-postgres-'))
  const cluster = join(folder, 'cluster')
  const template = createPostgres({ dataDir: cluster, database: templateDatabase, durable: false })
  const shared = createPostgres({ dataDir: join(folder, 'shared'), database: 'postgres', durable: false })
  const stop = async () => {
    await Promise.all([template.stop(), shared.stop()])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await template.start()
    await applyMigrations(template.url)
    await template.stop()
    process.env[TEMPLATE_VARIABLE] = cluster
    await shared.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { env: { TEST_DATABASE_URL: shared.url, [TEMPLATE_VARIABLE]: cluster }, stop }
}
