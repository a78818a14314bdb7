import { randomUUID } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { jetstreamManager } from '@nats-io/jetstream'
import t from 'tap'
import { FeedMessageSchema, PlayerGenerationSchema } from '#gen/feed_pb'
import { PlayerTakeoverSchema } from '#gen/lobby_pb'
import { answersStream } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve, storedAnswers } from '../support/session.ts'

t.test('answers', async (t) => {
  let passed = 0
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + passed }
  const edge = await startEdge(t, { clock })
  const http = createHttp(edge.url)
  const sessions = new Map<string, readonly string[]>()
  serve(edge.nats, 'session-question-ids', (payload) => {
    // The request has one field, so its text is in the bytes as it is.
    const asked = [...sessions].find(([sessionId]) => Buffer.from(payload).includes(sessionId))
    return { case: 'questionIds', value: { questionIds: [...(asked?.[1] ?? [])] } }
  })

  const newSession = async () => {
    const session = createTestSession(edge.nats)
    sessions.set(session.sessionId, session.questionIds)
    await session.publish({ case: 'sessionCreated', value: {} })
    const playerId = newId()
    const player = { playerId, token: await edge.playerToken({ sub: playerId, sid: session.sessionId, ord: 7 }) }
    return { ...session, player }
  }
  type Session = Awaited<ReturnType<typeof newSession>>

  const send = (session: Session, body: object, token: string | undefined = session.player.token) =>
    http('POST', `/v1/sessions/${session.sessionId}/answers`, { token, body })
  const stored = async (session: Session, index: number, playerId = session.player.playerId) => {
    const answers = await storedAnswers(edge.nats)
    return answers.find(
      (answer) =>
        answer.sessionId === session.sessionId && answer.questionIndex === index && answer.playerId === playerId,
    )
  }

  await t.test('an accepted answer is in the stream, with what the scorer needs', async (t) => {
    const session = await newSession()
    await send(session, { answerId: 'a-1', questionId: session.questionIds[0], choice: 1 }) // loads the replica
    await session.open(0)
    const before = Date.now()
    const { status, body } = await send(session, { answerId: 'a-1', questionId: session.questionIds[0], choice: 2 })
    t.equal(status, 202)
    t.same(Object.keys(body).sort(), ['answerId', 'questionId', 'receivedAt'])
    t.ok(body.receivedAt >= before && body.receivedAt <= Date.now() && Number.isInteger(body.receivedAt))
    const answer = await stored(session, 0)
    t.match(answer, {
      answerId: 'a-1',
      sessionId: session.sessionId,
      questionId: session.questionIds[0],
      questionIndex: 0,
      playerId: session.player.playerId,
      joinOrder: 7,
      choices: [2],
      text: undefined,
      receivedAtMs: body.receivedAt,
    })
    t.ok(answer !== undefined && answer.elapsedMs <= 1_000, `${answer?.elapsedMs} ms`)
  })

  await t.test('the same answer five times at once has one result and one message', async (t) => {
    const session = await newSession()
    await session.open(0)
    const body = { answerId: randomUUID(), questionId: session.questionIds[0], choice: 1 }
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(session, body)))
    t.same(
      answers.map(({ status }) => status),
      [202, 202, 202, 202, 202],
    )
    t.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
  })

  await t.test('of two different answers the first wins', async (t) => {
    const session = await newSession()
    const [questionId] = session.questionIds
    await session.open(0)
    t.equal((await send(session, { answerId: 'one', questionId, choice: 1 })).status, 202)
    t.match(await send(session, { answerId: 'two', questionId, choice: 2 }), {
      status: 400,
      body: { code: 'already-answered' },
    })
    t.match(await send(session, { answerId: 'two', questionId, choice: 1 }), {
      status: 400,
      body: { code: 'already-answered' },
    })
    const changed = await send(session, { answerId: 'one', questionId, choice: 2 })
    t.match(changed, { status: 422, body: { code: 'answer-id-reused' } })
    t.same((await stored(session, 0))?.choices, [1])
  })

  await t.test('an answerId is good for one question', async (t) => {
    const session = await newSession()
    await session.open(0)
    const first = await send(session, { answerId: 'same', questionId: session.questionIds[0], choice: 1 })
    await session.close()
    await session.open(1)
    const second = await send(session, { answerId: 'same', questionId: session.questionIds[1], choice: 1 })
    t.match(second, { status: 422, body: { code: 'answer-id-reused' } })
    t.equal(await stored(session, 1), undefined)
    const again = await send(session, { answerId: 'same', questionId: session.questionIds[0], choice: 1 })
    t.match(again, { status: 202, body: first.body }, 'while the next question is open')
  })

  await t.test('two players may choose the same answerId', async (t) => {
    const session = await newSession()
    await session.open(0)
    const other = await edge.playerToken({ sub: newId(), sid: session.sessionId })
    const body = { answerId: 'popular', questionId: session.questionIds[0], choice: 1 }
    t.equal((await send(session, body)).status, 202)
    t.equal((await send(session, body, other)).status, 202)
  })

  await t.test(
    'after the question closed a repeat gets the first result, and no other answer is accepted',
    async (t) => {
      const session = await newSession()
      const [questionId] = session.questionIds
      await session.open(0)
      const first = await send(session, { answerId: 'x', questionId, choice: 3 })
      await session.close()
      t.match(await send(session, { answerId: 'x', questionId, choice: 3 }), { status: 202, body: first.body })
      t.match(await send(session, { answerId: 'x', questionId, choice: 0 }), { status: 422 })
      t.match(await send(session, { answerId: 'y', questionId, choice: 3 }), {
        status: 400,
        body: { code: 'already-answered' },
      })
      const late = await edge.playerToken({ sub: newId(), sid: session.sessionId })
      const refused = await send(session, { answerId: 'z', questionId, choice: 3 }, late)
      t.match(refused, { status: 409, body: { code: 'question-closed' } })
    },
  )

  await t.test('a question takes answers from its opening to its end, on our clock', async (t) => {
    const session = await newSession()
    const [questionId, , later] = session.questionIds
    t.match(await send(session, { answerId: '0', questionId, choice: 0 }), {
      status: 409,
      body: { code: 'question-not-open' },
    })
    await session.open(0, { opensInMs: 60_000, timeLimitMs: 30_000 })
    t.match(await send(session, { answerId: '1', questionId, choice: 0 }), {
      status: 409,
      body: { code: 'question-not-open' },
    })
    t.match(await send(session, { answerId: '2', questionId: later, choice: 0 }), {
      status: 409,
      body: { code: 'question-not-open' },
    })
    passed += 65_000
    t.match(await send(session, { answerId: '3', questionId, choice: 0 }), { status: 202 })
    const elapsed = (await stored(session, 0))?.elapsedMs ?? -1
    t.ok(elapsed >= 5_000 && elapsed < 15_000, `${elapsed} ms`)
    passed += 30_000
    const late = await edge.playerToken({ sub: newId(), sid: session.sessionId })
    const refused = await send(session, { answerId: '4', questionId, choice: 0 }, late)
    t.match(refused, { status: 409, body: { code: 'question-closed' } }, 'although no message has said that it closed')
  })

  await t.test('a paused session says so, a closing question is closed', async (t) => {
    const session = await newSession()
    const [questionId] = session.questionIds
    await session.open(0)
    await session.publish(
      { case: 'sessionPaused', value: { reason: 'host' } },
      { status: 'paused' },
      { admitsAnswers: false },
    )
    t.match(await send(session, { answerId: '1', questionId, choice: 0 }), {
      status: 409,
      body: { code: 'session-paused' },
    })
    await session.publish(
      { case: 'sessionResumed', value: { reason: 'host', opensInMs: 0 } },
      { status: 'question_open' },
      { admitsAnswers: true },
    )
    await session.publish(
      { case: 'questionClosing', value: { questionId: questionId ?? '' } },
      {},
      { admitsAnswers: false },
    )
    t.match(await send(session, { answerId: '1', questionId, choice: 0 }), {
      status: 409,
      body: { code: 'question-closed' },
    })
  })

  await t.test('who may answer', async (t) => {
    const session = await newSession()
    const other = await newSession()
    await session.open(0)
    const body = { answerId: 'a', questionId: session.questionIds[0], choice: 0 }
    const path = `/v1/sessions/${session.sessionId}/answers`
    const anonymous = await http('POST', path, { body })
    t.match(anonymous, { status: 401, body: { code: 'unauthorized' } })
    t.match(anonymous.headers.get('www-authenticate'), /^Bearer/)
    t.match(await send(session, body, other.player.token), { status: 403, body: { code: 'not-a-participant' } })
    t.match(await send(session, body, await edge.issuer.token({ sub: 'host', roles: ['host'] })), {
      status: 403,
      body: { code: 'not-a-participant' },
    })
    t.match(await http('POST', '/v1/sessions/x/answers', { token: session.player.token, body }), { status: 403 })
    t.match(await send(session, { nonsense: 1 }, other.player.token), { status: 403 }, 'before the body is looked at')
    const gone = newId()
    await session.publish({ case: 'playerRemoved', value: { playerIds: [gone] } }, {}, { removedPlayerIds: [gone] })
    const removed = await edge.playerToken({ sub: gone, sid: session.sessionId })
    t.match(await send(session, body, removed), { status: 401, body: { code: 'unauthorized' } })
    t.match(await http('GET', `/v1/sessions/${session.sessionId}`, { token: removed }), { status: 401 })
    t.equal(await stored(session, 0), undefined)
  })

  await t.test('a token that a newer one has replaced is void, also for an edge that was not there', async (t) => {
    const session = await newSession()
    await session.open(0)
    createTestBoard(edge.nats, session.sessionId)
    const body = { answerId: 'a', questionId: session.questionIds[0], choice: 0 }
    const read = (token: string) => http('GET', `/v1/sessions/${session.sessionId}`, { token })
    const { playerId, token: old } = session.player
    t.match(await read(old), { status: 200 })
    const takeover = { sessionId: session.sessionId, playerId, generation: 2 }
    edge.nats.publish(
      subjects.takeover(session.sessionId),
      toBinary(PlayerTakeoverSchema, create(PlayerTakeoverSchema, takeover)),
    )
    await eventually(async () => (await read(old)).status === 401)
    t.match(await send(session, body, old), { status: 401, body: { code: 'unauthorized' } })
    t.match(await http('POST', `/v1/sessions/${session.sessionId}/leave`, { token: old }), { status: 401 })
    const fresh = await edge.playerToken({ sub: playerId, sid: session.sessionId, gen: 2, ord: 7 })
    t.match(await send(session, body, fresh), { status: 202 })

    const later = await newSession()
    createTestBoard(edge.nats, later.sessionId)
    const present = create(FeedMessageSchema, later.message({ case: 'sessionCreated', value: {} }))
    const generations = [create(PlayerGenerationSchema, { playerId: later.player.playerId, generation: 3 })]
    if (present.internal !== undefined) present.internal.generations = generations
    const asked = serve(edge.nats, 'session-get', () => ({ case: 'session', value: present }))
    const path = `/v1/sessions/${later.sessionId}`
    t.match(await http('GET', path, { token: later.player.token }), { status: 401 })
    const third = await edge.playerToken({ sub: later.player.playerId, sid: later.sessionId, gen: 3 })
    t.match(await http('GET', path, { token: third }), { status: 200 })
    asked.stop()
  })

  await t.test('bodies', async (t) => {
    const session = await newSession()
    const [questionId] = session.questionIds
    await session.open(0)
    const good = { answerId: 'a', questionId, choice: 0 }
    // One player may not ask so often.
    const strangersToken = () => edge.playerToken({ sub: newId(), sid: session.sessionId })
    const bad: readonly [object | string, object][] = [
      [
        {},
        [
          { pointer: '/answerId', code: 'required' },
          { pointer: '/questionId', code: 'required' },
        ],
      ],
      [{ ...good, score: 9 }, [{ pointer: '/score', code: 'additionalProperties' }]],
      [{ ...good, choice: '0' }, [{ pointer: '/choice', code: 'type' }]],
      [{ ...good, choice: 0.5 }, [{ pointer: '/choice', code: 'type' }]],
      [{ ...good, answerId: '' }, [{ pointer: '/answerId', code: 'pattern' }]],
      [{ ...good, answerId: 'a b' }, [{ pointer: '/answerId', code: 'pattern' }]],
      [`{"answerId":"a","questionId":"${questionId}","choice":1e400}`, [{ pointer: '/choice', code: 'type' }]],
      [`{"__proto__":{},"answerId":"a","questionId":"${questionId}","choice":0}`, [{ pointer: '/__proto__' }]],
      ['[]', [{ pointer: '', code: 'type' }]],
    ]
    for (const [body, errors] of bad) {
      const path = `/v1/sessions/${session.sessionId}/answers`
      const refused = await http('POST', path, { token: await strangersToken(), body })
      t.match(refused, { status: 400, body: { code: 'malformed', errors } }, JSON.stringify(body))
    }
    for (const wrong of [
      { choice: 4 },
      { choice: -1 },
      { choice: 1e9 },
      { choice: 2 ** 53 },
      { text: 'a' },
      { choices: [0] },
      {},
    ]) {
      const refused = await send(session, { answerId: 'a', questionId, ...wrong }, await strangersToken())
      t.match(refused, { status: 400, body: { code: 'answer-invalid' } }, JSON.stringify(wrong))
    }
    const foreign = await send(session, { ...good, questionId: randomUUID() })
    t.match(foreign, { status: 400, body: { code: 'question-not-in-quiz' } })
    const large = { ...good, text: 'x'.repeat(5_000) }
    t.match(await send(session, large), { status: 413, body: { code: 'too-large' } })
    t.match(await send(session, good), { status: 202 }, 'and a good one still gets in')
  })

  await t.test('texts are stored as typed', async (t) => {
    const session = await newSession()
    await session.open(0, { kind: 'fill_blank' })
    const text = ' Café — “naïve” 😀\u200f '
    t.match(await send(session, { answerId: 'a', questionId: session.questionIds[0], text }), { status: 202 })
    t.equal((await stored(session, 0))?.text, text)
  })

  await t.test('control and direction-turning characters are refused', async (t) => {
    const session = await newSession()
    await session.open(0, { kind: 'fill_blank' })
    for (const text of ['a\u0000b', 'a\u202eb', '\u001b[2J']) {
      const reply = await send(session, { answerId: 'a', questionId: session.questionIds[0], text })
      t.match(reply, { status: 400, body: { code: 'answer-invalid' } }, JSON.stringify(text))
    }
  })

  await t.test('a full stream refuses the answer with a time to come back, and keeps those it accepted', async (t) => {
    const session = await newSession()
    await session.open(0)
    const { streams } = await jetstreamManager(edge.nats)
    const { config, state } = await streams.info(answersStream(0))
    await streams.update(answersStream(0), { max_bytes: state.bytes })
    const body = { answerId: 'one-too-many', questionId: session.questionIds[0], choice: 1 }
    const refused = await send(session, body)
    t.match(refused, { status: 503, body: { code: 'unavailable' } })
    t.equal(refused.headers.get('retry-after'), '1')
    t.match((await streams.info(answersStream(0))).state, { messages: state.messages, first_seq: state.first_seq })
    await streams.update(answersStream(0), { max_bytes: config.max_bytes })
    t.match(await send(session, body), { status: 202 })
    t.match(await stored(session, 0), { answerId: 'one-too-many' })
  })

  await t.test('while NATS is unavailable there is 503, then the same answer is accepted', async (t) => {
    const session = await newSession()
    await session.open(0)
    const body = { answerId: 'patient', questionId: session.questionIds[0], choice: 1 }
    t.match(await http('GET', '/readyz'), { status: 200 })
    await edge.natsServer.kill('SIGKILL')
    const refused = await send(session, body)
    t.match(refused, { status: 503, body: { code: 'unavailable' } })
    t.equal(refused.headers.get('retry-after'), '1')
    t.match(await http('GET', '/readyz'), { status: 503 })
    t.match(await http('GET', '/livez'), { status: 200 })
    t.match(await http('GET', '/v1/time'), { status: 200, body: { now: Number } })
    await edge.natsServer.start()
    let answer = await send(session, body)
    for (let n = 0; n < 100 && answer.status === 503; n++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      answer = await send(session, body)
    }
    t.equal(answer.status, 202)
    t.match(await http('GET', '/readyz'), { status: 200 })
  })

  await t.test('while only the stream is away there is 503, and the edge stays ready', async (t) => {
    const session = await newSession()
    await session.open(0)
    const manager = await jetstreamManager(edge.bus)
    await manager.streams.delete(answersStream(0))
    const body = { answerId: 'patient', questionId: session.questionIds[0], choice: 1 }
    const refused = await send(session, body)
    t.match(refused, { status: 503, body: { code: 'unavailable' } })
    t.equal(refused.headers.get('retry-after'), '1')
    t.match(await http('GET', '/readyz'), { status: 200 })
  })
})
