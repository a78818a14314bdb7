import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startService } from '../../platform/test/support/service.ts'
import { afterAnswers, boardIsExact } from './support/board-is-exact.ts'
import { followBoard } from './support/follower.ts'
import { createWorld, totalsOf } from './support/world.ts'

t.test('Redis killed and restarted: scores wait, then the board is equal to the ledger again', async (t) => {
  const world = await createWorld(t)
  const service = await startService(t, 'leaderboard', world)
  const session = await world.createSession(20)
  const follower = followBoard(world.bus.nc, session.sessionId)
  await world.score(session, afterAnswers(session, 1))
  await world.settled()
  await boardIsExact(t, world, session, follower)
  const [{ epoch }, { pid }] = [{ epoch: follower.epoch }, service]
  await world.redisServer.kill('SIGKILL')
  for (const answers of [2, 3]) await world.score(session, afterAnswers(session, answers))
  await eventually(() => service.lines.some((line) => line.includes('unavailable, waiting')))
  const ready = await fetch(`${service.healthUrl}/readyz`)
  t.equal(ready.status, 200, 'degraded, but ready')
  await world.redisServer.start()
  await world.settled(30_000)
  t.equal(service.pid, pid, 'it stayed alive')
  await boardIsExact(t, world, session, follower)
  t.ok(follower.epoch > epoch, 'under a higher epoch')
  t.match(await world.bus.deadLetters(streams.scores), [])
})

t.test('a copy killed between its change and its delta: the delta follows, the board changes once', async (t) => {
  const world = await createWorld(t)
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const flag = join(folder, 'flag')
  await world.bus.setAckWait(streams.scores, durables.leaderboard, 1_000)
  const env = { PODIUM_FAILPOINTS: `leaderboard.after-apply@${flag}` }
  const service = await startService(t, 'leaderboard', { ...world, env })
  const session = await world.createSession(5)
  const follower = followBoard(world.bus.nc, session.sessionId)
  await world.score(session, afterAnswers(session, 1))
  await world.settled()
  await boardIsExact(t, world, session, follower)
  await writeFile(flag, '')
  await world.score(session, afterAnswers(session, 2))
  await eventually(() => service.pid === undefined, { what: 'the copy is dead' })
  const { version } = follower
  t.match(await world.redis.hget(`podium:{${session.sessionId}}:meta`, 'version'), String(version + 1))
  await service.start()
  await world.settled()
  await boardIsExact(t, world, session, follower)
  t.equal(follower.version, version + 1)
})

t.test('poison goes to the dead letters with its reason while others are applied', async (t) => {
  const world = await createWorld(t)
  const session = await world.createSession(3)
  const { publisher } = world.bus
  await publisher.publish(subjects.score(newId()), Uint8Array.of(255, 255, 255))
  await publisher.publish(subjects.score(newId()), new Uint8Array())
  await world.publish(newId(), afterAnswers(session, 1))
  await world.publish(session.sessionId, [{ ...totalsOf(session, 0, 1), playerId: 'nobody' }])
  await world.score(session, afterAnswers(session, 1))
  await startService(t, 'leaderboard', world)
  await world.settled()
  t.same(
    (await world.bus.deadLetters(streams.scores)).map(({ reason }) => reason),
    ['undecodable', 'subject-mismatch', 'unknown-session', 'invalid-totals'],
  )
  t.same(await world.board(session), await world.expected(session))
})

t.test('a message of several sessions is applied, also beside a part of it that is poison', async (t) => {
  const world = await createWorld(t)
  const [one, other] = [await world.createSession(2), await world.createSession(2)]
  const ofPlayer = (session: typeof one, player: number) => [session.sessionId, [totalsOf(session, player, 0)]] as const
  await world.publishTogether(ofPlayer(one, 0), ofPlayer(other, 0))
  await world.publishTogether(ofPlayer(one, 1), [newId(), [totalsOf(one, 0, 0)]], ofPlayer(other, 1))
  await startService(t, 'leaderboard', world)
  await world.settled()
  for (const session of [one, other]) t.same(await world.board(session), await world.expected(session))
  t.same(
    (await world.bus.deadLetters(streams.scores)).map(({ reason }) => reason),
    ['unknown-session'],
  )
})

t.test('work continues after its consumer was deleted and declared again', async (t) => {
  const world = await createWorld(t)
  await startService(t, 'leaderboard', world)
  const session = await world.createSession(3)
  await world.score(session, afterAnswers(session, 1))
  await world.settled()
  await world.bus.manager.consumers.delete(streams.scores, durables.leaderboard)
  await world.score(session, afterAnswers(session, 2))
  await applyDeclarations(world.urls.nats)
  const expected = await world.expected(session)
  await eventually(async () => JSON.stringify(await world.board(session)) === JSON.stringify(expected), {
    timeoutMs: 20_000,
  })
  t.pass('the board is up to date')
})
