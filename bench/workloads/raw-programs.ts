import { startPostgres } from '../../services/platform/test/support/postgres.ts'
import type { TestContext } from '../../services/platform/test/support/server.ts'
import type { TurnReport } from '../ceilings/program.ts'
import type { TimedRequest } from '../generators/sender.ts'
import { type Child, cpuMicros, treeCpuMicros } from '../lib/processes.ts'
import type { ScenarioContext } from '../lib/scenario.ts'
import { saturate } from './closed-loop.ts'

/** What raw programs take in one turn; CPU in microseconds per request or row. */
export interface RawTurn {
  readonly postsPerSecond: number
  readonly postMicros: number
  /** Program and Postgres together. */
  readonly insertMicros: number
}

/** Enough for a turn of more than a second. */
const POSTS = 100_000
const INSERT_SECONDS = 1

/** A POST of uWebSockets.js, and the rows of the ledger into a Postgres of their own: next to what Podium is measured. */
export const startRawPrograms = async (context: Pick<ScenarioContext, 'start' | 'defer'>) => {
  const t = { teardown: context.defer } as unknown as TestContext
  const postgres = await startPostgres(t)
  const postgresPid = 'pid' in postgres && typeof postgres.pid === 'number' ? postgres.pid : 0
  const unnest = context.start('ceilings/postgres-unnest.ts')
  await unnest.ask({ kind: 'start', url: postgres.url })
  const post = context.start('ceilings/uws-post.ts')
  const { port } = await post.hear<{ port: number }>()
  return {
    turn: async (sender: Child, requests: readonly TimedRequest[], connections: number): Promise<RawTurn> => {
      const before = cpuMicros(post.pid)
      const repeat = Math.ceil(POSTS / requests.length)
      const { accepted, seconds } = await saturate(sender, { port, connections, requests, repeat })
      const postMicros = (cpuMicros(post.pid) - before) / accepted
      const [serverBefore = 0] = treeCpuMicros(postgresPid)
      const insert = await unnest.ask<TurnReport>({ kind: 'turn', seconds: INSERT_SECONDS })
      const [serverAfter = 0] = treeCpuMicros(postgresPid)
      const insertMicros = (insert.cpuMicros + serverAfter - serverBefore) / insert.operations
      return { postsPerSecond: accepted / seconds, postMicros, insertMicros }
    },
  }
}
