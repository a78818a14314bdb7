import t from 'tap'
import { startNats } from '../../platform/test/support/nats.ts'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { startRedis } from '../../platform/test/support/redis.ts'
import { connectRecords } from '../postgres-records.ts'
import type { LedgerRow } from '../records.ts'
import { plantSession } from './support/planted-session.ts'

const [database, redis, nats] = await Promise.all([testDatabase(t), startRedis(t), startNats(t, { streams: true })])

t.test('every ledger row is read once, however many fit on a page', async (t) => {
  const urls = { postgres: database.url, redis: redis.url, nats: nats.url }
  const { sessionId } = await plantSession(t, urls)
  await plantSession(t, urls)
  for (const page of [1, 2, 3, 6, 7, 8]) {
    const records = await connectRecords(database.url, { page })
    const rows: LedgerRow[] = []
    await records.read(sessionId, (row) => rows.push(row))
    await records.close()
    t.equal(rows.length, 7, `${page} on a page`)
    t.equal(new Set(rows.map(({ answerId }) => answerId)).size, 7)
  }
})
