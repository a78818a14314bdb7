import fc from 'fast-check'
import pg from 'pg'
import t from 'tap'
import { createPool } from '#platform/pg'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { silentLogger, testLifecycle } from '../../platform/test/support/process.ts'
import type { TestContext } from '../../platform/test/support/server.ts'
import { createPostgresLedger } from '../ledger.ts'
import type { Entry } from '../score-answers.ts'
import { createSession } from './support/evaluations.ts'
import { entriesOf, recordedBy, testLedgerContract } from './support/ledger-contract.ts'

const setUp = async (t: TestContext) => {
  const { url } = await testDatabase(t)
  const pool = createPool({ url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t) })
  return { url, pool, ledger: createPostgresLedger(pool, silentLogger()) }
}

testLedgerContract(t, async (t) => (await setUp(t)).ledger)

t.test('a ledger row holds every input of its points', async (t) => {
  const { pool, ledger } = await setUp(t)
  const session = createSession({ rule: { name: 'flat' } })
  const text = 'd’oh "quoted" \\ {a,b} NULL\u0000'
  const evaluation = session.evaluation(0, 2, { creditNumerator: 2, creditDenominator: 3, choices: [3, 1], text })
  await recordedBy(ledger, entriesOf(session.batch([evaluation, session.evaluation(1, 2, { choices: [3, 1] })])))
  const { rows } = await pool.query(
    'SELECT * FROM ledger JOIN question_progress USING (session_id, question_index) ORDER BY join_order',
  )
  t.match(rows, [
    {
      session_id: session.sessionId,
      question_id: session.questions[2]?.questionId,
      question_index: 2,
      join_order: 1,
      answer_id: Buffer.from(evaluation.answerId.replaceAll('-', ''), 'hex'),
      answer: `=${text.replace('\0', '\uFFFD')}`,
      credit: 3 * 128 + 2,
      timing: 1_000,
      time_limit_ms: 20_000,
      points_possible: 1_000,
      rule: 'flat',
      rule_version: 1,
      received_low_ms: evaluation.receivedAtMs | 0,
      first_received_at: new Date(evaluation.receivedAtMs),
    },
    { answer: '31' },
  ])
})

t.test('an answer costs 140 bytes at the most, with its part of the index', async (t) => {
  const { pool, ledger } = await setUp(t)
  const sessions = Array.from({ length: 20 }, () => createSession({ players: 100, questions: 10 }))
  for (let question = 0; question < 10; question += 1) {
    const entries = sessions.flatMap((session) => {
      const players = [...session.playerIds.keys()]
      return entriesOf(session.batch(players.map((player) => session.evaluation(player, question))))
    })
    const [shuffled = []] = fc.sample(fc.shuffledSubarray(entries, { minLength: entries.length }), {
      numRuns: 1,
      seed: question,
    })
    for (let at = 0; at < shuffled.length; at += 500) await recordedBy(ledger, shuffled.slice(at, at + 500))
  }
  const { rows } = await pool.query(
    `SELECT (SELECT count(DISTINCT tableoid) FROM ledger) AS partitions, sum(pg_relation_size(relid))::float8 / 20000 AS bytes
     FROM (SELECT * FROM pg_partition_tree('ledger') UNION ALL SELECT * FROM pg_partition_tree('ledger_pkey')) AS p
     WHERE isleaf`,
  )
  t.equal(rows[0].partitions, 1)
  t.ok(rows[0].bytes <= 140, `${rows[0].bytes}`)
})

t.test('copies that record overlapping batches at once neither lose nor double anything', async (t) => {
  const { url, pool, ledger } = await setUp(t)
  const other = createPostgresLedger(
    createPool({ url, name: 'other', logger: silentLogger(), lifecycle: testLifecycle(t) }),
    silentLogger(),
  )
  const session = createSession({ players: 40, questions: 5 })
  const entries = entriesOf(
    session.batch(
      session.playerIds.flatMap((_, player) => [0, 1, 2, 3, 4].map((index) => session.evaluation(player, index))),
    ),
  )
  // Every entry is in three batches, in another order each.
  const batches = [0, 1, 2].flatMap((turn) => {
    const rotated = [...entries.slice(turn * 50), ...entries.slice(0, turn * 50)]
    return Array.from({ length: 10 }, (_, part) => rotated.filter((_, index) => index % 10 === part))
  })
  const results = await Promise.all(
    batches.map(async (batch, index) => ({ batch, recorded: await recordedBy(index % 2 ? other : ledger, batch) })),
  )
  for (const { batch, recorded } of results) {
    const missing = batch.filter((entry) => !sumsHold(recorded.sums, entry))
    t.same(missing, [], 'the totals of a call hold every entry of it')
  }
  const { rows } = await pool.query('SELECT version, points, answered::text FROM totals')
  t.equal(rows.length, 40)
  t.ok(rows.every(({ version, points, answered }) => version === 5 && points === 500 && answered === '11111'))
  t.match((await pool.query('SELECT count(*) AS rows FROM ledger')).rows, [{ rows: 200 }])
  t.match((await pool.query('SELECT sum(answer_count) AS answers FROM question_progress')).rows, [{ answers: 200 }])
})

const sumsHold = (sums: readonly { playerId: string; answered: string }[], { evaluation }: Entry): boolean =>
  sums.some(({ playerId, answered }) => playerId === evaluation.playerId && answered[evaluation.questionIndex] === '1')

t.test('totals are as new as a row that another copy committed while this one waited for its key', async (t) => {
  const { url, ledger } = await setUp(t)
  const session = createSession({ players: 1 })
  const entries = entriesOf(session.batch([session.evaluation(0, 1)]))
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  try {
    await other.query('BEGIN')
    const inTransaction = createPostgresLedger(other as unknown as pg.Pool, silentLogger())
    await recordedBy(inTransaction, entries)
    const waiting = recordedBy(ledger, entries)
    const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])
    t.equal(early, 'waits')
    await other.query('COMMIT')
    t.match(await waiting, {
      sums: [{ version: 1, answered: '010' }],
      progress: [{ answerCount: 1 }],
      counted: [{ points: 100, correct: true }],
    })
  } finally {
    await other.end()
  }
})

t.test('an entry that can never be stored is refused and nothing of its call is counted', async (t) => {
  const { pool, ledger } = await setUp(t)
  const session = createSession({ questions: 3 })
  const good = session.evaluation(0, 0)
  const bad = session.evaluation(1, 0, { joinOrder: 2 ** 40 })
  t.equal(await ledger.record(entriesOf(session.batch([good, bad]))), 'refused')
  t.match((await pool.query('SELECT count(*) AS rows FROM ledger')).rows, [{ rows: 0 }])
})

t.test('a stopped database fails with unavailable', async (t) => {
  const { pool, ledger } = await setUp(t)
  await pool.query('DROP TABLE question_progress')
  const session = createSession({})
  await t.rejects(ledger.record(entriesOf(session.batch([session.evaluation(0, 0)]))), { code: 'unavailable' })
})
