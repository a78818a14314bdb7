import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { durables, streams } from '#lib/contract/streams'
import { subjects } from '#lib/contract/subjects'
import { newId } from '#lib/ids'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { eventually } from '../../lib/test/support/eventually.ts'
import { startService } from '../../lib/test/support/service.ts'
import type { SessionRows } from '../../lib/test/support/session-rows.ts'
import { askForSnapshot, type Follower, followBoard } from './support/follower.ts'
import { createWorld, totalsOf, type World } from './support/world.ts'

/** Everybody's totals after so many answers. */
const afterAnswers = (session: SessionRows, answers: number) =>
  session.playerIds.map((_, player) => totalsOf(session, player, answers))

/** The board in Redis, in order, and what a follower holds are what the ledger says. */
const boardIsExact = async (t: Test, world: World, session: SessionRows, follower: Follower): Promise<void> => {
  const expected = await world.expected(session)
  await eventually(async () => JSON.stringify(await world.board(session)) === JSON.stringify(expected), {
    timeoutMs: 15_000,
    what: 'the board is what the ledger says',
  })
  const held = () =>
    [...follower.players.values()].map(({ playerId, score, correctMs }) => ({ playerId, score, correctMs }))
  const sorted = (rows: readonly { playerId: string }[]) =>
    JSON.stringify(rows.toSorted((a, b) => (a.playerId < b.playerId ? -1 : 1)))
  await eventually(() => sorted(held()) === sorted(expected), { what: 'the follower holds what the ledger says' })
  t.ok(
    follower.history.every((version, index) => index === 0 || version >= (follower.history[index - 1] ?? 0)),
    'versions never go back',
  )
}

t.test('scores in any order from two copies give the board of the ledger, and followers hold it', async (t) => {
  const world = await createWorld(t)
  await Promise.all([1, 2].map((copy) => startService(t, 'leaderboard', { ...world, copy })))
  const session = await world.createSession(30)
  const follower = followBoard(world.bus.nc, session.sessionId)
  for (const answers of [3, 1, 2]) await world.score(session, afterAnswers(session, answers))
  // The last row written was not the newest one; the ledger itself never goes back.
  await world.score(session, afterAnswers(session, 3))
  await Promise.all([1, 3, 2, 3, 1].map((answers) => world.publish(session.sessionId, afterAnswers(session, answers))))
  await world.settled()
  await boardIsExact(t, world, session, follower)
  const snapshot = await askForSnapshot(world.bus.nc, session.sessionId)
  t.match(snapshot, { epoch: follower.epoch, version: follower.version, entries: { length: 30 } })
  const [first] = snapshot.entries.filter(({ joinOrder }) => joinOrder === 1)
  t.match(first, { version: 3, score: 1_500, correctAnswers: 3, correctMs: 3_000, streak: 3, answered: Buffer.of(7) })
})

t.test(
  'FLUSHALL in mid-game: the board comes back equal to the ledger, under a higher epoch, without an answer',
  async (t) => {
    const world = await createWorld(t)
    await startService(t, 'leaderboard', { ...world, env: { LEADERBOARD_WATCH_MS: '100' } })
    const session = await world.createSession(20)
    const follower = followBoard(world.bus.nc, session.sessionId)
    await world.score(session, afterAnswers(session, 2))
    await world.settled()
    await boardIsExact(t, world, session, follower)
    const { epoch } = follower
    await world.redis.flushall()
    await eventually(() => follower.epoch > epoch, { what: 'the follower hears of the new epoch' })
    await boardIsExact(t, world, session, follower)
    await world.redis.flushall()
    await world.score(session, afterAnswers(session, 3))
    await world.settled()
    await boardIsExact(t, world, session, follower)
  },
)

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

t.test('a removed player vanishes and stays away, also after late scores and a rebuild', async (t) => {
  const world = await createWorld(t)
  await startService(t, 'leaderboard', { ...world, env: { LEADERBOARD_WATCH_MS: '100' } })
  const session = await world.createSession(4)
  const follower = followBoard(world.bus.nc, session.sessionId)
  await world.score(session, afterAnswers(session, 1))
  await world.remove(session, 1)
  await world.score(session, afterAnswers(session, 2))
  await world.settled()
  t.equal((await world.board(session)).length, 3)
  await boardIsExact(t, world, session, follower)
  await world.redis.flushall()
  await world.score(session, afterAnswers(session, 3))
  await world.settled()
  t.equal((await world.board(session)).length, 3)
  await boardIsExact(t, world, session, follower)
  t.notOk(follower.players.has(session.playerIds[1] ?? ''))
})

t.test('a player who has only joined is on the board, with ties in the order of joining', async (t) => {
  const world = await createWorld(t)
  await startService(t, 'leaderboard', world)
  const session = await world.createSession(12)
  const follower = followBoard(world.bus.nc, session.sessionId)
  await world.publish(session.sessionId, afterAnswers(session, 0).toReversed())
  await world.settled()
  await boardIsExact(t, world, session, follower)
  t.same(
    (await world.board(session)).map(({ playerId }) => playerId),
    session.playerIds,
  )
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

t.test('work goes on after its consumer was deleted and declared again', async (t) => {
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

t.test('a snapshot of a board that is lost is rebuilt first; of an unknown session it is empty', async (t) => {
  const world = await createWorld(t)
  await startService(t, 'leaderboard', world)
  const session = await world.createSession(6)
  await world.remove(session, 5)
  await world.settled()
  await world.redis.flushall()
  const snapshot = await askForSnapshot(world.bus.nc, session.sessionId)
  t.match(snapshot, { version: 1, entries: { length: 5 } })
  t.ok(snapshot.epoch > 0)
  const unknown = newId()
  t.match(await askForSnapshot(world.bus.nc, unknown), { sessionId: unknown, epoch: 0, version: 0, entries: [] })
})

t.test('a follower that missed the last delta hears of the version within two looks', async (t) => {
  const world = await createWorld(t)
  await startService(t, 'leaderboard', { ...world, env: { LEADERBOARD_WATCH_MS: '100' } })
  const session = await world.createSession(3)
  await world.score(session, afterAnswers(session, 1))
  await world.settled()
  const follower = followBoard(world.bus.nc, session.sessionId)
  await boardIsExact(t, world, session, follower)
})
