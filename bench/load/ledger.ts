import pg from 'pg'
import type { Stack } from '../../deploy/local/stack.ts'
import { verifySession } from '../../services/verify/index.ts'
import { forEachOf } from '../lib/pool.ts'

export interface LedgerCheck {
  readonly rows: number
  readonly verified: number
  readonly different: number
}

/** Counts the ledger, and folds `sample` sessions again and compares everything with them. */
export const checkLedger = async (
  stack: Stack,
  sessionIds: readonly string[],
  sample: number,
): Promise<LedgerCheck> => {
  const client = new pg.Client({ connectionString: stack.urls.postgres })
  await client.connect()
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM ledger')
  await client.end()
  const step = Math.max(1, Math.floor(sessionIds.length / sample))
  const chosen = sessionIds.filter((_, index) => index % step === 0)
  let different = 0
  await forEachOf(chosen, 4, async (sessionId) => {
    const { postgres, redis, nats } = stack.urls
    const sources = { databaseUrl: postgres, redisUrl: redis, natsUrl: nats }
    const report = await verifySession({ sessionId, ...sources, waitMs: 5_000 })
    if (!report.equal) different += 1
  })
  return { rows: Number(rows[0]?.count ?? 0), verified: chosen.length, different }
}
