import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import t from 'tap'
import { testDatabase } from '../../../platform/test/support/postgres.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import { checkArchive } from '../../retention/archive.ts'

const PROGRAM = new URL('../../retention/main.ts', import.meta.url).pathname

/** Of each month two sessions with three players and two answers each; `now()` is the start of the month. */
const PLANT = `
WITH s AS (
  SELECT overlay(overlay(overlay(first_id_at($1::timestamptz + n * interval '10 days')::text PLACING '7' FROM 15 FOR 1) PLACING '8' FROM 20 FOR 1)
    PLACING n::text FROM 36 FOR 1)::uuid AS id, n
  FROM generate_series(1, 2) AS n
), quiz AS (
  INSERT INTO quizzes (id, host_id, title) SELECT gen_random_uuid(), 'host-canary', 'English' RETURNING id
), question AS (
  INSERT INTO questions (id, quiz_id, position, kind, prompt, correct) SELECT gen_random_uuid(), id, 0, 'poll', 'p', '0' FROM quiz RETURNING id
), session AS (
  INSERT INTO sessions (id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count, started_at)
  SELECT s.id, quiz.id, 'host-canary', 'English', left(s.id::text, 13) || n, '{}', 'finished', 9, '{}', 1, 2, $1 FROM s, quiz
), asked AS (
  INSERT INTO session_questions (session_id, index, question_id, kind, key, points, time_limit_ms)
  SELECT s.id, 0, question.id, 'poll', '{}', 0, 1000 FROM s, question
), player AS (
  INSERT INTO players (id, session_id, user_id, nickname, nickname_key, join_order)
  SELECT gen_random_uuid(), s.id, 'user-canary' || p, 'nick-canary' || p, p, p FROM s, generate_series(1, 3) AS p
), total AS (
  INSERT INTO totals SELECT s.id, p, 2, 7, 1, 5, B'11', B'10', 'speed', 1, false FROM s, generate_series(1, 3) AS p
), progress AS (
  INSERT INTO question_progress SELECT s.id, q, 3, question.id, 10, 1000, 'speed', 1, $1 FROM s, question, generate_series(0, 1) AS q
)
INSERT INTO ledger SELECT s.id, 0, 5, 7, p, q, 129, '\\x01', '1' FROM s, generate_series(1, 3) AS p, generate_series(0, 1) AS q`

const setUp = async (t: TestContext) => {
  const { url } = await testDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const query = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows
  const monthsAgo = async (count: number): Promise<string> =>
    (
      await query(`SELECT to_char(now() AT TIME ZONE 'UTC' - make_interval(months => $1), 'YYYY-MM') AS month`, [count])
    )[0].month
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { PATH: process.env.PATH, DATABASE_URL: url }
      execFile(process.execPath, [PROGRAM, ...args], { env, timeout: 30_000 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  const plant = async (month: string) => void (await query(PLANT, [`${month}-02 00:00Z`]))
  const counts = async (): Promise<number[]> => {
    const tables = ['sessions', 'session_questions', 'players', 'totals', 'question_progress', 'ledger']
    const [row] = await query(`SELECT ${tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`)}`)
    return Object.values(row)
  }
  return { query, folder, run, plant, monthsAgo, counts, args: ['--keep', '12m', '--archive', folder] as const }
}

t.test('months that ended longer ago than is kept are archived and dropped', async (t) => {
  const { folder, run, plant, monthsAgo, counts, args } = await setUp(t)
  const [old, older, kept] = [await monthsAgo(13), await monthsAgo(15), await monthsAgo(12)]
  for (const month of [old, older, kept]) await plant(month)
  const before = await counts()
  t.same(before, [6, 6, 18, 18, 12, 36])

  const tried = await run(...args, '--dry-run')
  t.same(tried.stdout.split('\n').slice(0, -1), [
    `would archive and drop ${older}: 2 sessions`,
    `would archive and drop ${old}: 2 sessions`,
  ])
  t.same([await counts(), await readdir(folder)], [before, []], 'nothing was done')

  const done = await run(...args)
  t.match(done, { code: 0, stdout: `archived and dropped ${old}: ` })
  t.match(done.stdout, '2 sessions, 2 session_questions, 6 players, 6 totals, 4 question_progress, 12 ledger')
  t.same(
    await counts(),
    before.map((count) => count / 3),
    'the month that is kept',
  )
  t.same((await readdir(folder)).sort(), [`podium-${older}.jsonl.gz`, `podium-${old}.jsonl.gz`])
  t.match(await run(...args), { code: 0, stdout: 'There is nothing older.\n' })

  const file = join(folder, `podium-${old}.jsonl.gz`)
  const lines = gunzipSync(await readFile(file))
    .toString()
    .split('\n')
  t.match(JSON.parse(lines[0] ?? ''), { format: 'podium-archive', version: 1, month: old })
  t.match(JSON.parse(lines.at(-3) ?? ''), {
    table: 'ledger',
    row: { join_order: 3, question_index: 1, credit: 129, answer: '1' },
  })
  t.notMatch(lines.join('\n'), 'canary', 'no host, user or nickname')
  t.match(await run('--check', file), { code: 0, stdout: /is whole: .*, 2 sessions/ })
  const changed = lines.join('\n').replace('"credit":129', '"credit":128')
  for (const [harmed, reason] of [
    [gzipSync(changed), 'was changed'],
    [gzipSync(lines.slice(0, -2).join('\n')), 'is cut off'],
    [(await readFile(file)).subarray(0, 300), 'unexpected end of file'],
  ] as const) {
    await writeFile(file, harmed)
    await t.rejects(checkArchive(file), { message: new RegExp(reason) })
  }
})

t.test('it may be repeated after it ended anywhere, and drops nothing that its file does not hold', async (t) => {
  const { query, folder, run, plant, monthsAgo, counts, args } = await setUp(t)
  const old = await monthsAgo(13)
  const [partition, file] = [`ledger_${old.replace('-', '_')}`, join(folder, `podium-${old}.jsonl.gz`)]
  await plant(old)
  // Killed while it was writing: the month is detached, and its file not whole.
  await query(`SELECT make_ledger_partitions($1, 1)`, [`${old}-01`])
  await query(`ALTER TABLE ledger DETACH PARTITION ${partition}`)
  await writeFile(`${file}.partial`, 'half')
  // A late row of the month, meanwhile.
  await query(`INSERT INTO ledger SELECT id, 0, 5, 7, 4, 0, 129, '\\x01', '1' FROM sessions LIMIT 1`)
  // A session of it is still played.
  await query(`UPDATE sessions SET status = 'question_open', due_at = now()`)
  t.match(await run(...args), { code: 2, stderr: /session .* is being played; end it first/ })
  await query(`UPDATE sessions SET status = 'finished', due_at = NULL`)
  t.match(await run(...args), { code: 0, stdout: /13 ledger/ })
  t.same(await counts(), [0, 0, 0, 0, 0, 0])
  t.same(await readdir(folder), [`podium-${old}.jsonl.gz`])

  // Killed while it was dropping: the same again is done to its end.
  await plant(old)
  await query(`SELECT make_ledger_partitions($1, 1)`, [`${old}-01`])
  await query('DELETE FROM sessions WHERE id = (SELECT id FROM sessions LIMIT 1)')
  t.match(await run(...args), { code: 0 })
  t.same(await counts(), [0, 0, 0, 0, 0, 0])

  // From a backup, and not what the file holds.
  await plant(old)
  await query(
    `INSERT INTO ledger SELECT id, 0, 5, 7, 4 + n, 0, 129, '\\x01', '1' FROM sessions, generate_series(1, 9) AS n`,
  )
  t.match(await run(...args), { code: 2, stderr: /move the file away to write it again/ })
  t.equal((await counts())[0], 2)
})

t.test('says what it needs', async (t) => {
  const { run, folder } = await setUp(t)
  t.match(await run('--help'), { code: 0, stdout: /^Usage: npm run -s retention/ })
  t.match(await run('--archive', folder, '--keep', '0m'), {
    code: 2,
    stderr: /--keep is no number of months/,
  })
  t.match(await run('--keep', '12m'), { code: 2, stderr: /--archive is missing/ })
  t.match(await run('--keep', '12m', '--archive', '/dev/null/x'), { code: 2, stderr: /Not done: / })
})
