import t from 'tap'
import { newId } from '#platform/ids'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startService } from '../../platform/test/support/service.ts'
import { afterAnswers, boardIsExact } from './support/board-is-exact.ts'
import { askForSnapshot, followBoard } from './support/follower.ts'
import { createWorld } from './support/world.ts'

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
