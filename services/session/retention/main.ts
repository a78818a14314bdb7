import { access, constants, mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { serverAddresses } from '#platform/addresses'
import { checkArchive, type RowCounts } from './archive.ts'
import { archiveMonth, expiredMonths } from './months.ts'

const USAGE = `Usage: npm run -s retention -- --archive DIR [--keep 12m] [--dry-run]
       npm run -s retention -- --check FILE

Archives and drops the months of sessions that ended longer ago than is kept: their answers, scores, players with nicknames,
questions as asked, and the sessions. Quizzes stay. Each month becomes DIR/podium-YYYY-MM.jsonl.gz, which names no host, no
user and no nickname, and is read again before anything is dropped. May run while sessions do, and again after it was
interrupted. The format: docs/retention.md.

  --keep N         whole months that are kept besides the present one: 12m, 2y; at least 1m, default 24m
  --archive DIR    where the files go; made when it is not there
  --dry-run        only say what would be archived and dropped
  --check FILE     read a file to its end and compare its counts and its digest
  --help

DATABASE_URL says where, with the rights of the owner of the tables; what is not set is taken from .podium/env, which the local
stack writes. Progress is reported on standard error.

Exit code: 0 done, 2 not done.
`

const PROGRESS_EVERY_MS = 2_000

const write = (text: string) => void process.stdout.write(text)
const textOf = (rows: RowCounts) =>
  Object.entries(rows)
    .map(([table, count]) => `${count} ${table}`)
    .join(', ')

/** Undefined for what is no time to keep. */
const monthsOf = (keep: string): number | undefined => {
  const [, count, unit] = /^(\d{1,3})([my])$/.exec(keep) ?? []
  const months = Number(count) * (unit === 'y' ? 12 : 1)
  return months >= 1 ? months : undefined
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      keep: { type: 'string' },
      archive: { type: 'string' },
      check: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return write(USAGE)
  if (values.check !== undefined) {
    const { month, rows } = await checkArchive(values.check)
    return write(`${values.check} is whole: ${month}, ${textOf(rows)}\n`)
  }
  const { keep = '24m', archive: folder = '', 'dry-run': dryRun = false } = values
  const keepMonths = monthsOf(keep)
  if (keepMonths === undefined) throw new Error(`--keep is no number of months such as 12m\n\n${USAGE}`)
  if (folder === '') throw new Error(`--archive is missing\n\n${USAGE}`)
  const [databaseUrl] = serverAddresses('DATABASE_URL')
  if (!dryRun) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK)
  }

  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'retention',
    connectionTimeoutMillis: 5_000,
    // What waits for the ledger makes scoring wait behind it.
    lock_timeout: 2_000,
  })
  client.on('error', () => undefined) // shows in the query that was under way
  await client.connect()
  try {
    const { rows } = await client.query('SELECT pg_try_advisory_lock(hashtext($1)) AS free', ['retention'])
    if (!rows[0].free) throw new Error('another retention is running')
    const months = await expiredMonths(client, keepMonths)
    for (const month of months) {
      if (dryRun) {
        write(`would archive and drop ${month.name}: ${month.sessions} sessions\n`)
        continue
      }
      let saidAt = 0
      const progress = (what: string): void => {
        if (performance.now() - saidAt < PROGRESS_EVERY_MS) return
        saidAt = performance.now()
        process.stderr.write(`${month.name}: ${what}\n`)
      }
      const { file, rows: archived } = await archiveMonth(client, month, folder, progress)
      write(`archived and dropped ${month.name}: ${file}, ${textOf(archived)}\n`)
    }
    if (months.length === 0) write('There is nothing older.\n')
  } finally {
    await client.end()
  }
}

try {
  await run()
} catch (error) {
  process.stderr.write(`Not done: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
