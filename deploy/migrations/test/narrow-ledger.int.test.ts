import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import t from 'tap'
import { testDatabase } from '../../../services/platform/test/support/postgres.ts'
import { applyMigrations } from '../apply.ts'

/** A larger ledger is tried with MIGRATION_ROWS=1000000. */
const ROWS = Number(process.env.MIGRATION_ROWS ?? 4_000)
const QUESTIONS = 10
const PLAYERS = 20

/** Sessions of 14 months, one whose id says nothing of a time, every form of an answer and of an answer's id. */
const WIDE_ROWS = `
WITH s AS (
  SELECT n, (lpad(to_hex((extract(epoch FROM timestamptz '2025-10-31 23:00Z' + n * interval '390 days' / $1::int) * 1000)::bigint), 12, '0')
    || substr(md5('s' || n), 1, 20))::uuid AS session_id
  FROM generate_series(0, $1::int - 1) AS n
), v7 AS (
  SELECT n, CASE n WHEN 3 THEN '0badcafe-0000-4000-8000-000000000000'
    ELSE overlay(overlay(session_id::text PLACING '7' FROM 15 FOR 1) PLACING '8' FROM 20 FOR 1) END::uuid AS session_id FROM s
)
INSERT INTO ledger (session_id, question_id, player_id, question_index, join_order, answer_id, choices, answer_text,
  credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule, rule_version, points, received_at)
SELECT session_id, md5(session_id::text || q)::uuid, md5(session_id::text || 'p' || p)::uuid, q, p,
  CASE p % 4 WHEN 0 THEN left('attempt_-0123456789', 1 + p) WHEN 1 THEN '00' || substr(md5(p::text)::uuid::text, 3)
    ELSE md5(n::text || p || q)::uuid::text END,
  CASE q % 4 WHEN 0 THEN ARRAY[p % 4] WHEN 1 THEN ARRAY[9, 0, p % 8] ELSE '{}' END::smallint[],
  CASE q % 4 WHEN 2 THEN 'it''s "ü" \\ 🦉 =~' || p WHEN 3 THEN '' END,
  p % (q + 1), q + 1, 100 * p, 20000 + q, 1000 * q, 'speed', 1, p * q,
  timestamptz '2025-10-31 23:00Z' + n * interval '390 days' / $1::int + q * interval '9 hours' + p * interval '1.001 s'
FROM v7, generate_series(0, $2::int - 1) AS q, generate_series(1, $3::int) AS p`

const TOTALS = `
INSERT INTO totals SELECT session_id, player_id, min(join_order), count(*), sum(points), 0, 0, B'1111111111', B'0000000000',
  'speed', 1, false
FROM ledger GROUP BY session_id, player_id;
INSERT INTO question_progress SELECT session_id, question_index, count(*) FROM ledger GROUP BY 1, 2;
INSERT INTO question_progress VALUES ('0199a0f0-0000-7000-8000-000000000000', 0, 0)`

const wide = `SELECT session_id, question_index, join_order, question_id, answer_id, array_to_string(choices, ',') AS choices,
  answer_text, credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule, rule_version,
  points, received_at FROM ledger`

/** The narrow rows as they were, read by what the comments of the table say. */
const narrow = `SELECT session_id, question_index, join_order, question_id,
  CASE WHEN length(answer_id) = 16 THEN encode(answer_id, 'hex')::uuid::text
    ELSE ltrim(replace(encode(answer_id, 'escape'), '\\000', ' ')) END AS answer_id,
  CASE WHEN answer ~ '^[=~]' THEN '' ELSE array_to_string(regexp_split_to_array(answer, ''), ',') END AS choices,
  CASE WHEN answer LIKE '=%' THEN substr(answer, 2) END AS answer_text,
  credit % 128 AS credit_numerator, credit / 128 AS credit_denominator, timing % 1048576 AS elapsed_ms, time_limit_ms, points_possible, rule,
  rule_version, points,
  to_timestamp((first_ms + ((received_low_ms - first_ms + 2147483648) & 4294967295) - 2147483648) / 1000.0) AS received_at
  FROM (SELECT *, (extract(epoch FROM first_received_at) * 1000)::bigint AS first_ms
    FROM ledger JOIN question_progress USING (session_id, question_index)) AS l`

const digest = (rows: string) =>
  `SELECT count(*)::int AS rows, md5(string_agg(md5(r::text), '' ORDER BY session_id, question_index, join_order)) AS digest
   FROM (${rows}) AS r`

t.test('the migration to narrow rows by month keeps every row', async (t) => {
  const { url } = await testDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; SET timezone = 'UTC'`)
  await runner({
    dbClient: client,
    dir: fileURLToPath(new URL('..', import.meta.url)),
    ignorePattern: '(?!.*\\.sql$).*',
    direction: 'up',
    count: 6,
    migrationsTable: 'migrations',
    singleTransaction: true,
    log: () => undefined,
  })
  await client.query(WIDE_ROWS, [ROWS / QUESTIONS / PLAYERS, QUESTIONS, PLAYERS])
  await client.query(TOTALS)
  const before = (await client.query(digest(wide))).rows[0]
  t.equal(before.rows, ROWS)

  const startedAt = performance.now()
  t.match(await applyMigrations(url), ['0007_narrow_ledger'])
  t.comment(`${ROWS} rows in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  t.same((await client.query(digest(narrow))).rows[0], before)
  t.match((await client.query('SELECT count(*) AS rows, sum(version)::int AS answers FROM totals')).rows, [
    { rows: `${ROWS / QUESTIONS}`, answers: ROWS },
  ])

  const { rows } = await client.query(
    `SELECT tableoid::regclass::text AS partition, count(*)::int AS rows, min(session_id::text) AS low,
       max(session_id::text) AS high FROM ledger GROUP BY 1 ORDER BY 1`,
  )
  t.match(rows.at(-1), { partition: 'ledger_other', rows: QUESTIONS * PLAYERS }, 'the id that is no UUID of version 7')
  const months = rows.slice(0, -1)
  t.match(months[0], { partition: 'ledger_2025_10' })
  t.ok(months.length >= Math.min(14, ROWS / 400), `${months.length} months`)
  for (const { partition, low, high } of months) {
    const monthOf = (id: string) =>
      new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString().slice(0, 7).replace('-', '_')
    t.same([monthOf(low), monthOf(high)], [partition.slice(7), partition.slice(7)])
  }
})

t.test('months are made ahead, and rows that came before their month was made move into it', async (t) => {
  const { url } = await testDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const insert = `INSERT INTO ledger VALUES ($1, 0, 0, 0, 1, $2, 129, '\\x01', '1')`
  // 15 May 2040
  const late = '02050938-a800-7000-8000-000000000001'
  await client.query(insert, [late, 0])
  const partitionOf = async () =>
    (await client.query('SELECT tableoid::regclass::text AS name FROM ledger WHERE session_id = $1', [late])).rows
  t.same(await partitionOf(), [{ name: 'ledger_other' }])
  const make = `SELECT make_ledger_partitions('2040-04-30', 2) AS made`
  t.same((await client.query(make)).rows, [{ made: 2 }])
  t.same((await client.query(make)).rows, [{ made: 0 }])
  t.same(await partitionOf(), [{ name: 'ledger_2040_05' }])
  await t.rejects(client.query(insert, [late, 0]), { code: '23505' }, 'the key holds in the month as well')
  const now = await client.query(
    `SELECT count(*)::int AS months FROM generate_series(0, 2) AS n
     WHERE to_regclass('ledger_' || to_char(now() AT TIME ZONE 'UTC' + n * interval '1 month', 'YYYY_MM')) IS NOT NULL`,
  )
  t.same(now.rows, [{ months: 3 }], 'the setup makes this month and the next two')
})

t.test('a session is read from its own partition only', async (t) => {
  const { url } = await testDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query(
    `EXPLAIN SELECT * FROM ledger WHERE session_id = first_id_at(now()) AND (join_order, question_index) > (1, 2::smallint)`,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  t.match(plan, new RegExp(`ledger_${new Date().toISOString().slice(0, 7).replace('-', '_')}`))
  t.equal(plan.match(/Scan/g)?.length, 1, plan)
})
