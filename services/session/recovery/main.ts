import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { serverAddresses } from '#platform/addresses'
import { natsOptions } from '#platform/nats'
import { reconcile } from './reconcile.ts'
import { unsettledAnswers } from './streams.ts'

const USAGE = `Usage: npm run -s reconcile -- --since 10m

Brings Postgres up to the streams: sessions are set to the last state that their feeds hold, players who are missing are added
without their nicknames, and every accepted answer since then is evaluated and scored again. What counted already does not
count twice. May run while sessions do, and again. \`session\` does the same by itself after a failover or a restore of Postgres;
by hand it is needed after a restore that keeps the timeline, such as a copy of the disk.

  --since TIME   an ISO 8601 time, or so long ago: 90s, 10m, 5h; answers are kept for 24h
  --help

DATABASE_URL and NATS_URL say where, with the rights of \`session\`; what is not set is taken from .podium/env, which the local
stack writes. Returns when everything is scored; progress is on standard error.

Exit code: 0 done, 2 not done.
`

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const PROGRESS_EVERY_MS = 2_000

const write = (text: string) => void process.stdout.write(text)

const timeOf = (text: string): Date => {
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(text) ?? []
  return count === undefined ? new Date(text) : new Date(Date.now() - Number(count) * (UNIT_MS[unit] ?? 0))
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { since: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help === true) return write(USAGE)
  const since = timeOf(values.since ?? '')
  if (Number.isNaN(since.getTime()) || since > new Date()) throw new Error(`--since is missing or no time\n\n${USAGE}`)
  const [databaseUrl, natsUrl] = serverAddresses('DATABASE_URL', 'NATS_URL')

  const nats = await connect({ ...natsOptions(natsUrl, 'session'), name: 'reconcile', timeout: 5_000 })
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'reconcile',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 60_000,
  })
  client.on('error', () => undefined) // shows in the query that was under way
  try {
    await client.connect()
    const { sessions, players, messages, lostSessions } = await reconcile(client, nats, since)
    write(`set ${sessions} sessions to the state of their feeds, added ${players} players\n`)
    for (const id of lostSessions) write(`session ${id} is not in Postgres and cannot be restored\n`)
    for (let left = messages; left > 0; left = await unsettledAnswers(nats)) {
      process.stderr.write(`${left} of ${messages} messages with answers are to be scored\n`)
      await sleep(PROGRESS_EVERY_MS)
    }
    write(`${messages} messages with answers were evaluated and scored again\n`)
  } finally {
    await Promise.all([nats.drain(), client.end()])
  }
}

try {
  await run()
} catch (error) {
  process.stderr.write(`Not done: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
