import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startNats } from '../../platform/test/support/nats.ts'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { startRedis } from '../../platform/test/support/redis.ts'
import { verifySession } from '../index.ts'
import { type PlantedSession, plantSession, questionIds } from './support/planted-session.ts'

const [database, redisServer, natsServer] = await Promise.all([
  testDatabase(t),
  startRedis(t),
  startNats(t, { streams: true }),
])
const urls = { postgres: database.url, redis: redisServer.url, nats: natsServer.url }
const where = { databaseUrl: urls.postgres, redisUrl: urls.redis, natsUrl: urls.nats }

/** The differences of a session after `harm` was done to it, in the words of the report. */
const found = async (harm: (planted: PlantedSession) => Promise<unknown>): Promise<string[]> => {
  const planted = await plantSession(t, urls)
  await harm(planted)
  const { differences, equal } = await verifySession({ ...where, sessionId: planted.sessionId })
  t.equal(equal, differences.length === 0)
  const names = (text: string) => text.replace(/ \(.*\)/, '')
  return differences.map(
    ({ check, subject, what, expected, found }) => `${check}, ${names(subject)}, ${what}: ${expected} <> ${found}`,
  )
}

t.test('a session of which everything agrees', async (t) => {
  const { sessionId } = await plantSession(t, urls)
  const report = await verifySession({ ...where, sessionId })
  t.strictSame(report.differences, [])
  t.match(report, { equal: true, players: 5, answers: 7, title: 'English' })
  t.strictSame(
    report.checks.map(({ check, compared }) => [check, compared]),
    [
      ['ledger', 7],
      ['totals', 4],
      ['progress', 3],
      ['answers', 7],
      ['board', 4],
      ['edge', undefined],
    ],
  )
  t.strictSame(
    report.standings.map(({ rank, nickname, score }) => [rank, nickname, score]),
    [
      [1, 'Ada', 1_700],
      [2, 'Cleo', 833],
      [3, 'Bob', 438],
      [4, 'Dan', 0],
    ],
  )
})

t.test('a wrong total', async (t) => {
  const harm = ({ sql, sessionId }: PlantedSession) =>
    sql(`UPDATE totals SET points = points + 1, correct = B'100' WHERE session_id = $1 AND join_order = 1`, [sessionId])
  t.strictSame(await found(harm), ['totals, Ada, points: 1700 <> 1701', 'totals, Ada, correct: 110 <> 100'])
})

t.test('doubled points of one answer, in the ledger and everywhere after it', async (t) => {
  const harm = async ({ sql, sessionId, redis, key, member }: PlantedSession) => {
    await sql('UPDATE ledger SET points = 1666 WHERE session_id = $1 AND join_order = 3', [sessionId])
    await sql('UPDATE totals SET points = 1666 WHERE session_id = $1 AND join_order = 3', [sessionId])
    await redis.zincrby(key('board'), 833 * 2 ** 27, member(2))
  }
  t.strictSame(await found(harm), ['ledger, Cleo, question 1: points: 833 <> 1666'])
})

t.test('credit for a wrong answer', async (t) => {
  const harm = ({ sql, sessionId }: PlantedSession) =>
    sql(
      'UPDATE ledger SET credit = 129, points = 975 WHERE session_id = $1 AND join_order = 2 AND question_index = 0',
      [sessionId],
    )
  const differences = await found(harm)
  t.equal(differences[0], 'ledger, Bob, question 1: credit: 0/1 <> 1/1')
  t.ok(differences.includes('totals, Bob, points: 1413 <> 438'))
})

t.test('a missing board member, one too many, a wrong score and an old version', async (t) => {
  const harm = async ({ redis, key, member, playerIds }: PlantedSession) => {
    await redis.zrem(key('board'), member(3))
    await redis.zadd(key('board'), 0, member(4))
    await redis.zincrby(key('board'), 2 ** 27, member(1))
    await redis.hset(key('players'), playerIds[0] ?? '', '2:900')
  }
  t.match(await found(harm), [
    'board, Ada, version: 3 <> 2',
    'board, Bob, score: 438 points, 5000 ms <> 439 points, 5000 ms',
    'board, Dan, on the board: yes <> no',
    /^board, Eve, on the board: no <> fffffa:.*: 0 points, 134217727 ms$/,
    /^board, the board, place 4: .* <> fffffa:.*$/,
  ])
})

t.test('no board at all', async (t) => {
  t.strictSame(await found(({ redis, key }) => redis.del(key('board'), key('meta'))), [
    'board, the board, players: 4 <> no board',
  ])
})

t.test('no board two days after the end is how it should be', async (t) => {
  const { sessionId, sql, redis, key } = await plantSession(t, urls)
  await sql(`UPDATE sessions SET finished_at = now() - interval '49 hours' WHERE id = $1`, [sessionId])
  await sql(
    `UPDATE ledger SET received_low_ms = ((received_low_ms::bigint - $2 + 2147483648) & 4294967295) - 2147483648
     WHERE session_id = $1`,
    [sessionId, 49 * 3_600_000],
  )
  await redis.del(key('board'), key('players'), key('meta'))
  const report = await verifySession({ ...where, sessionId })
  t.equal(report.equal, true)
  t.match(
    report.checks.find(({ check }) => check === 'board'),
    { reason: 'Redis keeps boards for two days' },
  )
})

t.test('the epoch of a board: begun, but not necessarily the last that was', async (t) => {
  const begun = (epoch: number) => (planted: PlantedSession) =>
    planted.sql('UPDATE boards SET epoch = $2 WHERE session_id = $1', [planted.sessionId, epoch])
  t.strictSame(await found(begun(2)), [], 'a crash came between the beginning of an epoch and its board')
  t.strictSame(await found(begun(0)), ['board, the board, epoch: at most 0 <> 1'])
  t.strictSame(await found(({ sql, sessionId }) => sql('DELETE FROM boards WHERE session_id = $1', [sessionId])), [
    'board, the board, epoch: none begun <> 1',
  ])
  t.strictSame(await found(({ redis, key }) => redis.hdel(key('meta'), 'epoch')), [
    'board, the board, epoch: at most 1 <> nothing',
  ])
})

t.test('a lost answer, an answer that was never accepted, and a changed one', async (t) => {
  const harm = async ({ sql, sessionId }: PlantedSession) => {
    const row = 'WHERE session_id = $1 AND join_order = $2 AND question_index = $3'
    await sql(`DELETE FROM ledger ${row}`, [sessionId, 1, 2])
    await sql(`UPDATE ledger SET question_index = 1 ${row}`, [sessionId, 3, 0])
    await sql(`UPDATE ledger SET answer = '2' ${row}`, [sessionId, 2, 0])
  }
  const differences = (await found(harm)).filter((text) => text.startsWith('answers'))
  t.match(differences, [
    /^answers, Ada, question 3: accepted answer in the ledger: .+ <> nothing$/,
    /^answers, Bob, question 1: choices: 3 <> 2$/,
    /^answers, Cleo, question 1: accepted answer in the ledger: .+ <> nothing$/,
    /^answers, Cleo, question 2: ledger row among the accepted answers: nothing <> .+$/,
  ])
})

t.test('of several accepted answers to a question one counts, and it is one of them', async (t) => {
  const other = ({ sessionId, playerIds, accept }: PlantedSession, elapsedMs: number) =>
    accept({
      ...{ sessionId, questionId: questionIds[0] ?? '', questionIndex: 0 },
      answers: [
        { answerId: 'other', playerId: playerIds[0] ?? '', joinOrder: 1, choices: [2], receivedAtMs: 1, elapsedMs },
      ],
    })
  t.strictSame(await found((planted) => other(planted, 7)), [])
  const harm = async (planted: PlantedSession) => {
    await other(planted, 7)
    await planted.sql(
      `UPDATE ledger SET answer_id = '\\x00' || convert_to('third', 'UTF8')
       WHERE session_id = $1 AND join_order = 1 AND question_index = 0`,
      [planted.sessionId],
    )
  }
  t.match(await found(harm), [/^answers, Ada, question 1: answerId: .+ <> third$/])
})

t.test('wrong progress of a question', async (t) => {
  const harm = ({ sql, sessionId }: PlantedSession) =>
    sql('UPDATE question_progress SET answer_count = 5 WHERE session_id = $1 AND question_index = 0', [sessionId])
  t.strictSame(await found(harm), ['progress, question 1, answers: 4 <> 5'])
})

t.test('an edge that shows something else', async (t) => {
  const { sessionId, playerIds } = await plantSession(t, urls)
  const entry = (rank: number, player: number, nickname: string, score: number, correctAnswers: number) => ({
    rank,
    playerId: playerIds[player],
    nickname,
    score,
    correctAnswers,
  })
  const top = [
    entry(1, 0, 'Ada', 1_700, 2),
    entry(2, 2, 'Cleo', 833, 1),
    entry(3, 1, 'Bob', 438, 1),
    entry(4, 3, 'Dan', 0, 0),
  ]
  const board = { version: 2 ** 32 + 11, playerCount: 4, top }
  const tokens: unknown[] = []
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization)
    response.end(JSON.stringify(board))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const edge = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'host' }
  t.strictSame((await verifySession({ ...where, edge, sessionId })).differences, [])
  t.strictSame(tokens, ['Bearer host'])
  board.version += 1
  top[1] = entry(2, 2, 'Cleo', 834, 1)
  t.match((await verifySession({ ...where, edge, sessionId })).differences, [
    { check: 'edge', subject: 'the leaderboard', what: 'version' },
    { check: 'edge', subject: /^Cleo/, what: 'score', expected: '833', found: '834' },
  ])
})

t.test('with a wait, what is still on its way may arrive', async (t) => {
  const { sessionId, sql } = await plantSession(t, urls)
  const set = (count: number) =>
    sql('UPDATE question_progress SET answer_count = $2 WHERE session_id = $1 AND question_index = 0', [
      sessionId,
      count,
    ])
  await set(3)
  const verdict = verifySession({ ...where, sessionId, waitMs: 10_000 })
  await set(4)
  t.ok((await verdict).equal)
})
