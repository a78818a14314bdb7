import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { codeOf, createClient, opened, single } from '../support/client.ts'
import { acceptAnswer, acknowledgeAnswers, score } from '../support/scoring.ts'
import { assertContiguous, eventsOf, feedOf } from '../support/streams.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('playing', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  await startCopy(t, world)
  const client = createClient(world)

  await t.test('goes from the lobby to the end by itself, and FEED tells every step in order', async (t) => {
    const { sessionId } = await client.open(3, { advance: 'auto', timeLimitSeconds: 1, revealSeconds: 0.1 })
    await client.control(sessionId, 'start')
    await eventually(async () => (await client.get(sessionId)).status === 'finished', { timeoutMs: 15_000 })
    const feed = await feedOf(world.nc, sessionId)
    assertContiguous(feed)
    t.same(eventsOf(feed), [
      'sessionCreated',
      'sessionStarting',
      ...[0, 1, 2].flatMap(() => ['questionOpened', 'questionClosed']),
      'sessionFinished',
    ])
    const openings = feed.filter(({ event }) => event?.event.case === 'questionOpened')
    for (const { atMs, state, event, internal } of openings) {
      t.match(event?.event.value, { opensInMs: (state?.question?.opensAtMs ?? 0) - atMs })
      t.equal((state?.question?.closesAtMs ?? 0) - (state?.question?.opensAtMs ?? 0), 1_000)
      t.equal(internal?.admitsAnswers, true)
      t.equal(state?.reveal, undefined, 'the last reveal is gone')
    }
    for (const { atMs, state } of feed.filter(({ event }) => event?.event.case === 'questionClosed')) {
      const late = atMs - (openings.at(state?.reveal?.index ?? 0)?.state?.question?.closesAtMs ?? 0)
      t.ok(late >= 150 && late < 1_500, `closed ${late} ms after the time was up`)
      t.equal(state?.question, undefined)
    }
  })

  await t.test('never shows a key before the reveal', async (t) => {
    const secret = single('Which?', 2, { options: ['x', 'y', 'the-key'] })
    const { sessionId } = await client.open([{ kind: 'fill_blank', prompt: '?', correct: ['hidden-text'] }, secret])
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    const before = await feedOf(world.nc, sessionId)
    t.notMatch(JSON.stringify(before), /hidden-text/)
    const closed = await client.control(sessionId, 'close')
    t.match(closed.state?.reveal, {
      correct: { kind: { value: { values: [{ kind: { value: 'hidden-text' } }] } } },
      kind: 'fill_blank',
    })
    await client.control(sessionId, 'next')
    const question = (await opened(client, sessionId, 1)).question
    t.same(
      Object.keys(question ?? {}).filter((key) => /correct|accepted|key/i.test(key)),
      [],
    )
  })

  await t.test('closing stops the answers first and reveals when the accepted ones are scored', async (t) => {
    const { sessionId } = await client.open([single('Two?', 1)], { closeWhenAllAnswered: false })
    const ada = await client.join(sessionId, 'ada')
    const bob = await client.join(sessionId, 'bob')
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await acceptAnswer(world, sessionId, 0, ada.playerId)
    await acceptAnswer(world, sessionId, 0, bob.playerId)
    await score(world, sessionId, 0, [{ playerId: ada.playerId, choices: [1] }])
    const closing = client.control(sessionId, 'close')
    const message = await eventually(async () => {
      const feed = await feedOf(world.nc, sessionId)
      return feed.find(({ event }) => event?.event.case === 'questionClosing')
    })
    t.match(message, { state: { status: 'question_open' }, internal: { admitsAnswers: false } })
    await score(world, sessionId, 0, [{ playerId: bob.playerId, choices: [0], correct: false }])
    await acknowledgeAnswers(world)
    const { state } = await closing
    t.match(state, {
      status: 'question_closed',
      reveal: { answerCount: 2, optionCounts: [1, 1, 0], correct: { kind: { value: 1 } } },
    })
  })

  await t.test('a worker that is down does not stop the game', async (t) => {
    const { sessionId } = await client.open(1, { closeWhenAllAnswered: false })
    const { playerId } = await client.join(sessionId, 'ada')
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await acceptAnswer(world, sessionId, 0, playerId)
    const startedAt = performance.now()
    const { state } = await client.control(sessionId, 'close')
    const tookMs = performance.now() - startedAt
    t.match(state, { status: 'question_closed', reveal: { answerCount: 0 } })
    t.ok(tookMs > 1_000 && tookMs < 4_000, `${tookMs} ms`)
    await acknowledgeAnswers(world)
  })

  await t.test('closes early when all remaining players have answered', async (t) => {
    const { sessionId } = await client.open(2)
    const [ada, bob, cleo] = [
      await client.join(sessionId, 'ada'),
      await client.join(sessionId, 'bob'),
      await client.join(sessionId, 'cleo'),
    ]
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await score(world, sessionId, 0, [{ playerId: ada.playerId }])
    await score(world, sessionId, 0, [{ playerId: bob.playerId }])
    t.equal((await client.get(sessionId)).internal.admitsAnswers, true, 'one is missing')
    await client.leave(cleo.token)
    await eventually(async () => (await client.get(sessionId)).status === 'question_closed')
    await client.control(sessionId, 'next')
    await opened(client, sessionId, 1)
    await score(world, sessionId, 1, [{ playerId: cleo.playerId }, { playerId: ada.playerId }])
    t.equal((await client.get(sessionId)).internal.admitsAnswers, true, 'as many answers as players, but not theirs')
    await score(world, sessionId, 1, [{ playerId: bob.playerId }])
    await eventually(async () => (await client.get(sessionId)).status === 'question_closed')
  })

  await t.test('pause keeps the time that is left, and resume continues with it', async (t) => {
    const { sessionId } = await client.open(1, { timeLimitSeconds: 2 })
    await client.control(sessionId, 'start')
    const { question } = await opened(client, sessionId)
    await eventually(() => Date.now() > (question?.opensAtMs ?? 0) + 500)
    const paused = await client.control(sessionId, 'pause')
    t.match(paused.state, { status: 'paused', pauseReasons: ['host'], pausedStatus: 'question_open' })
    t.equal(paused.internal?.admitsAnswers, false)
    const elapsed = paused.state?.question?.elapsedBeforeMs ?? 0
    const remaining = paused.state?.remainingMs ?? 0
    t.equal(elapsed + remaining, 2_000)
    t.ok(elapsed >= 500, `${elapsed} ms are gone`)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    t.equal((await client.get(sessionId)).status, 'paused', 'the timer of the question is gone')
    const { state } = await client.control(sessionId, 'resume')
    const resumed = state?.question
    t.equal((resumed?.closesAtMs ?? 0) - (resumed?.opensAtMs ?? 0), remaining)
    t.match(resumed, { timeLimitMs: 2_000, elapsedBeforeMs: elapsed })
    await eventually(async () => (await client.get(sessionId)).status === 'question_closed')
    const feed = await feedOf(world.nc, sessionId)
    assertContiguous(feed)
    t.same(eventsOf(feed).slice(-4), ['questionOpened', 'sessionPaused', 'sessionResumed', 'questionClosed'])
    t.match(feed.at(-2)?.event?.event.value, { reason: 'host', opensInMs: 250 })
    t.ok((feed.at(-1)?.atMs ?? 0) >= (resumed?.closesAtMs ?? 0))
  })

  await t.test('a removed player is gone from the state that edges know', async (t) => {
    const { sessionId } = await client.open(1)
    const { playerId } = await client.join(sessionId, 'ada')
    await client.remove(sessionId, playerId)
    const last = (await feedOf(world.nc, sessionId)).at(-1)
    t.match(last, { event: { event: { case: 'playerRemoved' } }, internal: { removedPlayerIds: [playerId] } })
    t.equal(last?.state?.playerCount, 0)
    t.equal(await codeOf(client.remove(sessionId, '00000000-0000-7000-8000-000000000000')), 'not-found')
  })

  await t.test('many commands at once leave FEED in the order of the epochs', async (t) => {
    const { sessionId } = await client.open(1)
    const commands = Array.from({ length: 60 }, (_, i) => client.control(sessionId, i % 2 === 0 ? 'lock' : 'unlock'))
    await Promise.all([
      ...commands,
      client.control(sessionId, 'start'),
      client.join(sessionId, 'ada').catch(() => undefined),
    ])
    const { epoch } = await client.get(sessionId)
    t.ok(epoch > 3, `${epoch} transitions`)
    const feed = await eventually(async () => {
      const messages = await feedOf(world.nc, sessionId)
      return messages.length >= epoch ? messages : undefined
    })
    assertContiguous(feed)
  })

  await t.test('a command that was made for an earlier epoch is refused', async (t) => {
    const { sessionId } = await client.open(1)
    const { epoch } = await client.get(sessionId)
    await client.control(sessionId, 'lock', epoch)
    t.equal(await codeOf(client.control(sessionId, 'start', epoch)), 'wrong-state')
    t.equal(await codeOf(client.control(sessionId, 'start', epoch + 1)), 'accepted')
  })

  await t.test('next twice opens one question: while no player can have answered, it is the same press', async (t) => {
    const { sessionId } = await client.open(3, { closeWhenAllAnswered: false })
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await client.control(sessionId, 'close')
    const both = await Promise.all([client.control(sessionId, 'next'), client.control(sessionId, 'next')])
    const third = await client.control(sessionId, 'next')
    for (const { state } of [...both, third]) t.match(state, { status: 'question_open', question: { index: 1 } })
    const { question, internal } = await opened(client, sessionId, 1)
    t.ok((question?.closesAtMs ?? 0) - (question?.opensAtMs ?? 0) >= 60_000, 'open for its whole time')
    t.equal(internal.admitsAnswers, true)
  })

  await t.test('a refused command says what the state is', async (t) => {
    const { sessionId } = await client.open(1)
    await t.rejects(client.control(sessionId, 'next'), { code: 'wrong-state', extra: { epoch: 1 } })
    await client.control(sessionId, 'lock')
    await t.rejects(client.control(sessionId, 'start', 1), { code: 'wrong-state', extra: { epoch: 2 } })
  })

  await t.test('answers of a removed player are not counted, and their texts are not shown', async (t) => {
    const { sessionId } = await client.open([{ kind: 'fill_blank', prompt: '?', correct: ['was'] }], {
      closeWhenAllAnswered: false,
    })
    const ada = await client.join(sessionId, 'ada')
    const bob = await client.join(sessionId, 'bob')
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await score(world, sessionId, 0, [
      { playerId: ada.playerId, choices: [], text: 'was' },
      { playerId: bob.playerId, choices: [], text: 'rude' },
    ])
    await client.remove(sessionId, bob.playerId)
    const { state } = await client.control(sessionId, 'close')
    t.match(state?.reveal, { answerCount: 1, textCounts: [{ text: 'was', count: 1 }] })
    const { questions } = await client.results(sessionId)
    t.match(questions[0]?.reveal, { answerCount: 1, textCounts: [{ text: 'was', count: 1 }] })
  })

  await t.test('a question closes at once when the last player without an answer leaves', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { sessionId } = await client.open(1)
      const [ada, bob, cleo] = await Promise.all(['ada', 'bob', 'cleo'].map((name) => client.join(sessionId, name)))
      await client.control(sessionId, 'start')
      await opened(client, sessionId)
      // The first progress makes the service look while all three play.
      await score(world, sessionId, 0, [{ playerId: ada?.playerId ?? '' }])
      await Promise.all([
        score(world, sessionId, 0, [{ playerId: bob?.playerId ?? '' }]),
        client.leave(cleo?.token ?? ''),
      ])
      await eventually(async () => (await client.get(sessionId)).status === 'question_closed', { timeoutMs: 3_000 })
    }
  })

  await t.test('ending in the middle of a question reveals it and finishes', async (t) => {
    const { sessionId } = await client.open(3)
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    const { state } = await client.control(sessionId, 'end')
    t.match(state, { status: 'finished', reveal: { index: 0 } })
    const feed = await feedOf(world.nc, sessionId)
    assertContiguous(feed)
    t.same(eventsOf(feed).slice(-3), ['questionClosing', 'questionClosed', 'sessionFinished'])
    t.equal(await codeOf(client.control(sessionId, 'end')), 'wrong-state')
  })

  await t.test("another owner's session does not exist", async (t) => {
    const { sessionId } = await client.open(1)
    const rival = createClient(world, 'rival')
    t.equal(await codeOf(rival.control(sessionId, 'start')), 'not-found')
    t.equal(await codeOf(rival.results(sessionId)), 'not-found')
    t.equal(await codeOf(rival.remove(sessionId, sessionId)), 'not-found')
    t.equal(await codeOf(client.control('x', 'start')), 'not-found')
    t.equal(await codeOf(client.control(sessionId, 'dance')), 'malformed')
  })
})
