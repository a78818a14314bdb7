import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startPostgres, testDatabase } from '../../platform/test/support/postgres.ts'
import { startService } from '../../platform/test/support/service.ts'
import { createSession } from './support/evaluations.ts'
import { createWorld } from './support/world.ts'

/** Every player answers every question, differently, in batches of one question each. */
const play = (session: ReturnType<typeof createSession>) =>
  session.questions.map(({ index }) =>
    session.batch(
      session.playerIds.map((_, player) =>
        session.evaluation(player, index, {
          creditNumerator: (player + index) % 3 === 0 ? 0 : 1,
          elapsedMs: 100 * player + index,
        }),
      ),
    ),
  )

t.test('evaluations delivered twice and in reverse order give the same totals', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  await startService(t, 'scorer', world)
  const shape = { players: 5, questions: 6 }
  const [inOrder, reversed] = [createSession(shape), createSession(shape)]
  for (const batch of play(inOrder)) await world.publish(batch)
  const backwards = play(reversed).toReversed()
  for (const batch of [...backwards, ...backwards]) await world.publish(batch)
  await world.settled()
  const [expected, actual] = [await world.totals(inOrder.sessionId), await world.totals(reversed.sessionId)]
  t.equal(expected.length, 5)
  t.same(actual, expected)
  t.equal(await world.ledgerRows(reversed.sessionId), 30)
  const [first, second] = [await world.published(inOrder.sessionId), await world.published(reversed.sessionId)]
  t.ok(first.every(({ version }) => version === 6))
  t.same(
    second.map(({ score, streak, version }) => ({ score, streak, version })),
    first.map(({ score, streak, version }) => ({ score, streak, version })),
  )
})

t.test('two copies that get every message three times count each answer once', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  await Promise.all([1, 2].map((copy) => startService(t, 'scorer', { ...world, copy })))
  const session = createSession({ players: 30, questions: 8 })
  const batches = play(session)
  await Promise.all([...batches, ...batches, ...batches].map(world.publish))
  await world.settled()
  t.equal(await world.ledgerRows(session.sessionId), 240)
  const totals = await world.totals(session.sessionId)
  t.ok(totals.every(({ version, answered }) => version === 8 && answered === '11111111'))
  t.same(
    (await world.published(session.sessionId)).map(({ playerId, version }) => [playerId, version]),
    totals.map(({ join_order, version }) => [session.playerIds[join_order - 1], version]),
  )
})

t.test('a copy killed between its commit and its message changes nothing', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const flag = join(folder, 'flag')
  await writeFile(flag, '')
  await world.bus.setAckWait(streams.evaluations, durables.scorer, 1_000)
  const env = { PODIUM_FAILPOINTS: `scorer.after-commit@${flag}` }
  const scorer = await startService(t, 'scorer', { ...world, env })
  const session = createSession({ players: 3 })
  const [batch] = play(session)
  if (batch === undefined) throw new Error('nothing to publish')
  await world.publish(batch)
  await eventually(() => scorer.pid === undefined, { what: 'the copy is dead' })
  const counted = await world.totals(session.sessionId)
  t.equal(counted.length, 3, 'it had counted the answers')
  t.same(await world.published(session.sessionId), [], 'and nothing was published')
  await scorer.start()
  await world.settled()
  t.same(await world.totals(session.sessionId), counted)
  t.equal(await world.ledgerRows(session.sessionId), 3)
  t.ok((await world.published(session.sessionId)).every(({ version }) => version === 1))
})

t.test('poison goes to the dead letters with its reason while others are scored', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  const { publisher } = world.bus
  const session = createSession({})
  const unknownRule = createSession({ rule: { name: 'roulette' } })
  const invalid = createSession({})
  await publisher.publish(subjects.evaluation(newId()), Uint8Array.of(255, 255, 255))
  await publisher.publish(subjects.evaluation(newId()), new Uint8Array())
  await world.publish(unknownRule.batch([unknownRule.evaluation(0, 0)]))
  await world.publish(invalid.batch([invalid.evaluation(0, 0, { creditNumerator: 3, creditDenominator: 2 })]))
  await world.publish(session.batch([session.evaluation(0, 0)]))
  await startService(t, 'scorer', world)
  await world.settled()
  t.same(
    (await world.bus.deadLetters(streams.evaluations)).map(({ reason }) => reason),
    ['undecodable', 'subject-mismatch', 'unknown-rule', 'invalid-evaluation'],
  )
  t.equal((await world.totals(session.sessionId)).length, 1)
})

t.test('a message of several sessions is scored, also beside a part of it that is poison', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  const [one, other, invalid] = [createSession({}), createSession({}), createSession({})]
  const earned = world.earned(one.sessionId)
  await world.publishTogether([one.batch([one.evaluation(0, 0)]), other.batch([other.evaluation(0, 0)])])
  await world.publishTogether([
    one.batch([one.evaluation(1, 0)]),
    invalid.batch([invalid.evaluation(0, 0, { creditNumerator: 3, creditDenominator: 2 })]),
    other.batch([other.evaluation(1, 0)]),
  ])
  await startService(t, 'scorer', world)
  await world.settled()
  for (const { sessionId } of [one, other]) {
    t.equal(await world.ledgerRows(sessionId), 2)
    t.match(await world.published(sessionId), [{ version: 1 }, { version: 1 }], 'each player has totals')
  }
  t.equal(await world.ledgerRows(invalid.sessionId), 0)
  t.same(
    earned.map(({ playerId }) => playerId).toSorted(),
    [one.evaluation(0, 0), one.evaluation(1, 0)].map(({ playerId }) => playerId).toSorted(),
    'edges of a session get what its players earned, and nothing of other sessions',
  )
  t.same(
    (await world.bus.deadLetters(streams.evaluations)).map(({ reason }) => reason),
    ['invalid-evaluation'],
  )
})

t.test('work continues after its consumer was deleted and declared again', async (t) => {
  const world = await createWorld(t, (await testDatabase(t)).url)
  await startService(t, 'scorer', world)
  const session = createSession({})
  await world.publish(session.batch([session.evaluation(0, 0)]))
  await world.settled()
  await world.bus.manager.consumers.delete(streams.evaluations, durables.scorer)
  await world.publish(session.batch([session.evaluation(0, 1)]))
  await applyDeclarations(world.urls.nats)
  await eventually(async () => (await world.ledgerRows(session.sessionId)) === 2, { timeoutMs: 20_000 })
  t.match(await world.totals(session.sessionId), [{ version: 2 }])
})

t.test('answers wait while Postgres is unavailable and are scored when it is back', async (t) => {
  const postgres = await startPostgres(t)
  const world = await createWorld(t, postgres.url)
  const scorer = await startService(t, 'scorer', world)
  const session = createSession({ players: 1 })
  await world.publish(session.batch([session.evaluation(0, 0)]))
  await world.settled()
  const { pid } = scorer
  await postgres.kill('SIGKILL')
  for (const question of [1, 2]) await world.publish(session.batch([session.evaluation(0, question)]))
  await eventually(() => scorer.lines.some((line) => line.includes('unavailable, waiting')))
  const ready = await fetch(`${scorer.healthUrl}/readyz`)
  t.equal(ready.status, 503)
  await postgres.start()
  await world.settled(30_000)
  t.equal(scorer.pid, pid, 'it stayed alive')
  t.match(await world.totals(session.sessionId), [{ version: 3 }])
  t.match(await world.bus.deadLetters(streams.evaluations), [])
})
