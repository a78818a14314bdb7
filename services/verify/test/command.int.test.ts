import { execFile } from 'node:child_process'
import t from 'tap'
import { METRICS } from '#platform/contract/names'
import { startReceiver } from '../../../deploy/local/otlp/receiver.ts'
import { startNats } from '../../platform/test/support/nats.ts'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { startRedis } from '../../platform/test/support/redis.ts'
import { readArguments } from '../arguments.ts'
import { textReport, verifySession } from '../index.ts'
import { run } from '../run.ts'
import { plantSession } from './support/planted-session.ts'

const [database, redisServer, natsServer] = await Promise.all([
  testDatabase(t),
  startRedis(t),
  startNats(t, { streams: true }),
])
const urls = { postgres: database.url, redis: redisServer.url, nats: natsServer.url }
const where = { databaseUrl: urls.postgres, redisUrl: urls.redis, natsUrl: urls.nats }

const env = { DATABASE_URL: urls.postgres, REDIS_URL: urls.redis, NATS_URL: urls.nats }

/** The command as a process of its own. */
const command = (args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...process.env, ...env, EDGE_URL: '' } }
    execFile(process.execPath, ['services/verify/main.ts', ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

/** What it does, in this process. */
const verify = async (...args: string[]) => {
  const [out, err]: [string[], string[]] = [[], []]
  const { mismatch } = await run(
    readArguments(args, env, 'no file'),
    (text) => out.push(text),
    (text) => err.push(text),
  )
  const [stdout, stderr] = [out.join(''), err.join('')]
  const documents = args.includes('--json') ? stdout.trimEnd().split('\n') : []
  return { mismatch, stderr, reports: documents.map((line) => JSON.parse(line)) }
}

t.test('the command: exit codes, table and JSON', async (t) => {
  const { sessionId, sql } = await plantSession(t, urls)
  t.match(await command(['--session', sessionId]), { code: 0, stdout: /Everything agrees with the ledger/ })
  await sql('UPDATE totals SET points = 1 WHERE session_id = $1', [sessionId])
  t.match(await command(['--session', sessionId]), { code: 1, stdout: /totals\s+Ada \(.*\)\s+points\s+1700\s+1\n/ })
  const { mismatch, reports } = await verify('--session', sessionId, '--json')
  t.equal(mismatch, 1)
  t.match(reports, [{ equal: false, differenceCount: 4 }])
  t.ok((await verify('--all', '--json')).mismatch > 0)
  t.match(await command(['--session', 'x']), { code: 2, stderr: /Usage/ })
  await t.rejects(verify('--session', '00000000-0000-7000-8000-000000000000'), /there is no session/)
})

t.test('all sessions, or those that were not over at a time, several at once, with progress', async (t) => {
  const [recent, old] = await Promise.all([plantSession(t, urls), plantSession(t, urls)])
  await old.sql(`UPDATE sessions SET finished_at = now() - interval '3 days' WHERE id = $1`, [old.sessionId])
  const verifyAll = async (...args: string[]) => {
    const { reports, stderr } = await verify('--all', '--json', ...args)
    return { ids: reports.map(({ sessionId }) => sessionId as string), stderr }
  }
  const all = await verifyAll('--parallel', '3')
  t.ok(all.ids.includes(recent.sessionId) && all.ids.includes(old.sessionId))
  t.match(
    all.stderr,
    new RegExp(`^${all.ids.length} of ${all.ids.length} sessions verified in [\\d.]+ s, \\d+ differ\n$`),
  )
  for (const since of ['2d', new Date(Date.now() - 50 * 3_600_000).toISOString()]) {
    const { ids } = await verifyAll('--since', since)
    t.same(ids.toSorted(), all.ids.filter((id) => id !== old.sessionId).toSorted(), since)
  }
  t.same((await verifyAll('--since', '100h', '--parallel', '2')).ids.toSorted(), all.ids.toSorted())
})

t.test('a collector hears how many sessions agree', async (t) => {
  const { sessionId, sql } = await plantSession(t, urls)
  const exports: string[] = []
  const receiver = await startReceiver({ onExport: (_signal, json) => exports.push(json) })
  t.teardown(() => receiver.close())
  await sql('UPDATE totals SET points = 1 WHERE session_id = $1', [sessionId])
  const env = {
    ...process.env,
    DATABASE_URL: urls.postgres,
    REDIS_URL: urls.redis,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  }
  await new Promise((resolve) =>
    execFile(process.execPath, ['services/verify/main.ts', '--session', sessionId], { env }, resolve),
  )
  const metrics = exports.flatMap((json) => JSON.parse(json).resourceMetrics[0].scopeMetrics[0].metrics)
  const counts = metrics.find(({ name }: { name: string }) => name === METRICS.verifications.name)?.sum.dataPoints
  t.match(counts, [
    { attributes: [{ key: 'podium.outcome', value: { stringValue: 'match' } }], asDouble: 0 },
    { attributes: [{ key: 'podium.outcome', value: { stringValue: 'mismatch' } }], asDouble: 1 },
  ])
})

t.test('a nickname cannot play with the terminal', async (t) => {
  const { sessionId, sql, playerIds } = await plantSession(t, urls)
  await sql('UPDATE players SET nickname = $2 WHERE id = $1', [playerIds[0], `\u001b[2JAd\u202ea${'x'.repeat(99)}`])
  await sql('UPDATE totals SET points = 1 WHERE session_id = $1 AND join_order = 1', [sessionId])
  const text = textReport(await verifySession({ ...where, sessionId }))
  t.notMatch(text, '\u001b')
  t.notMatch(text, '\u202e')
  t.notMatch(text, 'x'.repeat(60))
  t.match(text, 'Ad?axxx')
})
