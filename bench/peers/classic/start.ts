import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { createPostgres } from '../../../deploy/local/servers/postgres.ts'
import { startRedis } from '../../../services/platform/test/support/redis.ts'
import { startServer, type TestContext } from '../../../services/platform/test/support/server.ts'
import { type Child, type CpuTimes, treeCpuMicros } from '../../lib/processes.ts'
import type { ScenarioContext } from '../../lib/scenario.ts'
import type { AppOrder } from './app.ts'
import { createToken } from './tokens.ts'

/** The classic design on servers of its own. */
export interface Classic {
  readonly port: number
  readonly app: Child
  readonly database: pg.Client
  readonly createToken: typeof createToken
  cpu(): CpuTimes
}

export const startClassic = async (context: Pick<ScenarioContext, 'defer' | 'start'>): Promise<Classic> => {
  const t = { teardown: context.defer } as unknown as TestContext
  const [postgres, redis] = await Promise.all([startServer(t, (options) => createPostgres(options)), startRedis(t)])
  const database = new pg.Client({ connectionString: postgres.url })
  await database.connect()
  context.defer(() => database.end())
  await database.query(readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8'))
  const [app, worker] = [context.start('peers/classic/app.ts'), context.start('peers/classic/worker.ts')]
  const urls = { databaseUrl: postgres.url, redisUrl: redis.url }
  const { port } = await app.ask<{ port: number }>({ kind: 'start', ...urls } satisfies AppOrder)
  await worker.ask(urls)
  const pidOf = (server: object): number => ('pid' in server && typeof server.pid === 'number' ? server.pid : 0)
  const pids = { app: app.pid, worker: worker.pid, postgres: pidOf(postgres), redis: pidOf(redis) }
  return {
    port,
    app,
    database,
    createToken,
    cpu: () => {
      const micros = treeCpuMicros(...Object.values(pids))
      return Object.fromEntries(Object.keys(pids).map((name, index) => [name, micros[index] ?? 0]))
    },
  }
}
