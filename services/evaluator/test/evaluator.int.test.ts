import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { decodeAnswers } from '#platform/contract/codec/answer'
import { answersStream, evaluatorDurable, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startPostgres, testDatabase } from '../../platform/test/support/postgres.ts'
import { startService } from '../../platform/test/support/service.ts'
import { insertSession } from '../../platform/test/support/session-rows.ts'
import { answerOf, createWorld } from './support/world.ts'

t.test('answers of all kinds are evaluated by the keys and with the rule of their session', async (t) => {
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  const session = await insertSession(url, {
    players: 1,
    settings: { scoring: 'flat', streakBonus: true },
    questions: [
      { kind: 'single_choice', key: { options: [2] } },
      { kind: 'multiple_choice', key: { options: [0, 1, 3] }, points: 500 },
      { kind: 'true_false', key: { options: [1] } },
      { kind: 'fill_blank', key: { texts: ['don’t', 'do not'] }, timeLimitMs: 1_000 },
    ],
  })
  for (const answer of [
    answerOf(session, 0, 0, { choices: [2] }),
    answerOf(session, 0, 1, { choices: [0, 1, 2] }),
    answerOf(session, 0, 2, { choices: [0] }),
    answerOf(session, 0, 3, { choices: [], text: " DON'T ", elapsedMs: 1_001 }),
  ]) {
    await world.publish(answer)
  }
  await startService(t, 'evaluator', world)
  await world.settled()
  const batches = await world.batches(session.sessionId)
  for (const batch of batches) {
    t.match(batch, { questionCount: 4, rule: { name: 'flat', version: 1, streakBonus: true } })
  }
  t.match(
    batches.flatMap(({ evaluations }) => evaluations),
    [
      { questionIndex: 0, creditNumerator: 1, creditDenominator: 1, joinOrder: 1, elapsedMs: 1_234, choices: [2] },
      { questionIndex: 1, creditNumerator: 1, creditDenominator: 3, choices: [0, 1, 2] },
      { questionIndex: 2, creditNumerator: 0, creditDenominator: 1 },
      { questionIndex: 3, creditNumerator: 1, creditDenominator: 1, elapsedMs: 1_000, text: " DON'T " },
    ],
  )
  t.match(
    batches.flatMap(({ questions }) => questions).find(({ index }) => index === 1),
    { questionId: session.questionIds[1], points: 500, timeLimitMs: 20_000 },
  )
})

t.test('answers that have arrived become one message, of whatever sessions they are', async (t) => {
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  const sessions = await Promise.all([0, 1].map(() => insertSession(url, { players: 100 })))
  await Promise.all(
    sessions[0]?.playerIds.flatMap((_, player) =>
      sessions.map((session) => world.publish(answerOf(session, player, 0))),
    ) ?? [],
  )
  await startService(t, 'evaluator', world)
  await world.settled()
  for (const { sessionId, playerIds } of sessions) {
    const batches = await world.batches(sessionId)
    t.ok(batches.length <= 10, `${batches.length} messages for 100 answers`)
    const evaluated = batches.flatMap(({ evaluations }) => evaluations.map(({ playerId }) => playerId))
    t.same([...evaluated].sort(), [...playerIds].sort())
  }
  const shared = await world.bus.payloads(streams.evaluations, subjects.evaluations)
  t.ok(shared.length > 0, 'both sessions in one')
})

t.test('poison goes to the dead letters with its reason while others are evaluated', async (t) => {
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  const session = await insertSession(url, { questions: [{}, { key: { options: [] } }] })
  const nowhere = { sessionId: newId(), questionIds: [newId()], playerIds: [newId()] }
  const { publisher } = world.bus
  await publisher.publish(subjects.answers(0), Uint8Array.of(255, 255, 255))
  await publisher.publish(subjects.barrier(0), new Uint8Array())
  await world.publish(
    answerOf(nowhere, 0, 0),
    answerOf(session, 0, 7),
    answerOf(session, 0, 0, { questionId: newId() }),
    answerOf(session, 0, 1),
    answerOf(session, 1, 0, { text: 'x'.repeat(5_000) }),
    answerOf(session, 2, 0),
  )
  await startService(t, 'evaluator', world)
  await world.settled()
  const letters = await world.bus.deadLetters(answersStream(0))
  t.same(letters.map(({ reason }) => reason).toSorted(), [
    'invalid-answer',
    'question-mismatch',
    'undecodable',
    'unknown-question',
    'unknown-session',
    'unusable-key',
  ])
  const { payload } = letters.find(({ reason }) => reason === 'unusable-key') ?? {}
  t.match(decodeAnswers(payload ?? new Uint8Array()).questions, [
    { questionIndex: 1, answers: { length: 1, 0: { playerId: session.playerIds[0] } } },
  ])
  t.match(await world.batches(session.sessionId), [{ evaluations: [{ playerId: session.playerIds[2] }] }])
})

t.test('a copy killed between its message and its acknowledgement publishes the same once more', async (t) => {
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const flag = join(folder, 'flag')
  await writeFile(flag, '')
  await world.bus.setAckWait(answersStream(0), evaluatorDurable(0), 1_000)
  const env = { PODIUM_FAILPOINTS: `evaluator.after-publish@${flag}` }
  const evaluator = await startService(t, 'evaluator', { ...world, env })
  const session = await insertSession(url)
  await world.publish(answerOf(session, 0, 0))
  await eventually(() => evaluator.pid === undefined, { what: 'the copy is dead' })
  t.equal((await world.batches(session.sessionId)).length, 1)
  await evaluator.start()
  await world.settled()
  const [first, second, ...more] = await world.batches(session.sessionId)
  t.same(second, first)
  t.same(more, [])
})

t.test('work continues after its consumer was deleted and declared again', async (t) => {
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  await startService(t, 'evaluator', world)
  const session = await insertSession(url)
  await world.publish(answerOf(session, 0, 0))
  await world.settled()
  await world.bus.manager.consumers.delete(answersStream(0), evaluatorDurable(0))
  await world.publish(answerOf(session, 0, 1))
  await applyDeclarations(world.urls.nats)
  await eventually(
    async () =>
      (await world.batches(session.sessionId)).some(({ evaluations }) =>
        evaluations.some(({ questionIndex }) => questionIndex === 1),
      ),
    { timeoutMs: 20_000 },
  )
  t.pass('the second answer was evaluated')
})

t.test('while Postgres is unavailable sessions with known keys continue and others wait for it', async (t) => {
  const postgres = await startPostgres(t)
  const world = await createWorld(t, postgres.url)
  const evaluator = await startService(t, 'evaluator', world)
  const [known, unknown] = [await insertSession(postgres.url), await insertSession(postgres.url)]
  await world.publish(answerOf(known, 0, 0))
  await world.settled()
  const { pid } = evaluator
  await postgres.kill('SIGKILL')
  await world.publish(answerOf(unknown, 0, 0))
  await world.publish(answerOf(known, 0, 1))
  await eventually(async () => (await world.batches(known.sessionId)).length === 2, { timeoutMs: 20_000 })
  t.same(await world.batches(unknown.sessionId), [])
  await postgres.start()
  await world.settled(30_000)
  t.equal((await world.batches(unknown.sessionId)).length, 1)
  t.equal(evaluator.pid, pid, 'it stayed alive')
  t.same(await world.bus.deadLetters(answersStream(0)), [])
})
