import { execFile } from 'node:child_process'
import { fromBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { type BoardDelta, BoardDeltaSchema } from '#gen/board_pb'
import { subjects } from '#platform/contract/subjects'
import { createPool } from '#platform/pg'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { silentLogger, testLifecycle } from '../../platform/test/support/process.ts'
import { createBeginEpoch } from '../ledger.ts'
import { afterAnswers } from './support/board-is-exact.ts'
import { createWorld } from './support/world.ts'

t.test('a rebuilt board has the streak bonus of the rule that each session is played with', async (t) => {
  const world = await createWorld(t)
  const session = await world.createSession(2)
  await world.pool.query(
    `INSERT INTO totals (session_id, join_order, version, points, correct_answers, correct_ms, answered,
       correct, rule, rule_version, streak_bonus)
     SELECT $1, join_order, 3, 300, 3, 10, B'11100000', B'11100000',
       CASE join_order WHEN 1 THEN 'speed' ELSE 'no-bonus' END, 1, true
     FROM players WHERE session_id = $1`,
    [session.sessionId],
  )
  const [speed] = RULES
  if (speed === undefined) throw new Error('there is no rule')
  const ruleOf = createRuleBook([...RULES, { ...speed, name: 'no-bonus', streakBonus: () => 0 }])
  const pool = createPool({
    url: world.urls.postgres,
    name: 'test',
    logger: silentLogger(),
    lifecycle: testLifecycle(t),
  })
  const begun = await createBeginEpoch(pool, ruleOf, silentLogger())(session.sessionId)
  const totals = typeof begun === 'string' ? [] : begun.totals.toSorted((a, b) => a.joinOrder - b.joinOrder)
  t.match(totals, [
    { score: 450, streak: 3 },
    { score: 300, streak: 3 },
  ])
})

t.test('npm run boards: boards are built anew from the ledger, and edges learn of it', async (t) => {
  const world = await createWorld(t)
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const { nats, redis, postgres } = world.urls
      const env = { ...process.env, NATS_URL: nats, REDIS_URL: redis, DATABASE_URL: postgres }
      execFile(process.execPath, ['services/leaderboard/rebuild.ts', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  const [session, other, over] = await Promise.all([3, 2, 1].map((players) => world.createSession(players)))
  if (session === undefined || other === undefined || over === undefined) throw new Error('three sessions')
  await world.pool.query(
    `UPDATE sessions SET status = 'finished', finished_at = now() - interval '3 days' WHERE id = $1`,
    [over.sessionId],
  )
  await world.score(session, afterAnswers(session, 2))
  const key = `podium:{${session.sessionId}}:board`
  const one = await run('--rebuild', '--session', session.sessionId)
  t.match(one, { code: 0, stdout: `rebuilt ${session.sessionId}, epoch 1\n1 board rebuilt\n` })
  t.equal(await world.redis.zcard(key), 3)

  await world.redis.zadd(key, 5, 'ffffff:intruder')
  const announced: BoardDelta[] = []
  world.bus.nc.subscribe(subjects.board(session.sessionId), {
    callback: (_, { data }) => void announced.push(fromBinary(BoardDeltaSchema, data)),
  })
  const all = await run('--rebuild')
  t.match(all, { code: 0, stdout: /^2 boards rebuilt\n/m })
  for (const [{ sessionId }, epoch] of [
    [session, 2],
    [other, 1],
  ] as const) {
    t.ok(all.stdout.includes(`rebuilt ${sessionId}, epoch ${epoch}\n`))
  }
  t.equal(await world.redis.zcard(key), 3)
  await eventually(() => announced.length > 0)
  t.match(announced, [{ epoch: 2, from: 1, to: 1, entries: [] }])

  const unknown = '00000000-0000-7000-8000-000000000000'
  t.match(await run('--rebuild', '--session', unknown), {
    code: 1,
    stdout: `no session ${unknown}\n0 boards rebuilt\n`,
  })
  t.match(await run('--help'), { code: 0, stdout: /^Usage: npm run -s boards/ })
  for (const args of [[], ['--rebuild', '--session', 'x'], ['--what']]) {
    t.match(await run(...args), { code: 2, stderr: /^Not rebuilt: / }, args.join(' '))
  }
})
