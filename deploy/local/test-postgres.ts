import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from '../migrations/apply.ts'
import { createPostgres } from './servers/postgres.ts'

/** The migrated database that the databases of single tests are copies of. No client may stay connected to it. */
export const templateDatabase = 'podium_template'

/** A throw-away Postgres for one run of tests. `url` is its database `postgres`. */
export const startTestPostgres = async (): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'podium-test-postgres-'))
  const server = createPostgres({ dataDir, database: templateDatabase, durable: false })
  const stop = async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await server.start()
    await applyMigrations(server.url)
  } catch (error) {
    await stop()
    throw error
  }
  const url = new URL(server.url)
  url.pathname = '/postgres'
  return { url: url.href, stop }
}
