import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve } from '../support/session.ts'
import { closeCodeIn, openStalled } from '../support/stalled-reader.ts'

t.test('requests over a WebSocket', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  const board = createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  await session.open(0)
  serve(edge.bus, 'session-question-ids', () => ({
    case: 'questionIds',
    value: { questionIds: [...session.questionIds] },
  }))
  const [questionId = ''] = session.questionIds
  const ada = await edge.player(session.sessionId, 'Ada')
  board.set({ playerId: ada.playerId })
  const connect = async (token = ada.token) => {
    const stream = await edge.ws(session.sessionId, token)
    await stream.next('session.snapshot')
    return stream
  }
  const stream = await connect()

  await t.test('an answer is accepted once, and shows in the next snapshot before it is scored', async (t) => {
    const answer = { type: 'answer', ref: 7, data: { answerId: 'a-1', questionId, choice: 2 } }
    stream.send(answer)
    const accepted = await stream.next('answer.accepted')
    t.match(accepted, { ref: 7, data: { answerId: 'a-1', questionId, receivedAt: Number } })
    stream.send({ ...answer, ref: 'again' })
    t.same((await stream.next('answer.accepted', ({ ref }) => ref === 'again')).data, accepted.data)
    const back = await edge.sse(session.sessionId, ada.token)
    t.match((await back.next('session.snapshot')).data.me, { answered: [questionId] })
  })

  await t.test('a refusal is the problem document that HTTP would give', async (t) => {
    stream.send({ type: 'answer', ref: 'b', data: { answerId: 'a-2', questionId, choice: 1 } })
    t.match(await stream.next('error', ({ ref }) => ref === 'b'), {
      data: {
        type: 'urn:podium:problem:already-answered',
        status: 400,
        code: 'already-answered',
        instance: `/v1/sessions/${session.sessionId}/ws`,
        traceId: /^[0-9a-f]{32}$/,
      },
    })
    const host = await connect(await edge.hostToken())
    host.send({ type: 'answer', ref: 'c', data: { answerId: 'a-3', questionId, choice: 1 } })
    t.match(await host.next('error'), { ref: 'c', data: { status: 403, code: 'not-a-participant' } })
  })

  await t.test('nothing is answered before the first message of the stream', async (t) => {
    const eager = await edge.ws(session.sessionId, ada.token)
    eager.send({ type: 'time', ref: 1 })
    await eager.next('time')
    t.same(eager.types(), ['session.snapshot', 'time'])
  })

  await t.test('time is the server’s', async (t) => {
    stream.send({ type: 'time', ref: 't' })
    const { data } = await stream.next('time')
    t.ok(Math.abs(data.now - Date.now()) < 5_000)
  })

  await t.test('what is no request is refused, and after twenty of them the connection is closed', async (t) => {
    const bad = await connect()
    const messages = [
      '',
      '{',
      '[]',
      'null',
      '{}',
      '{"type":1}',
      '{"type":"answer"}',
      '{"type":"dance"}',
      '{"type":"time","ref":{}}',
      '{"type":"time","ref":"r","score":9}',
      '{"type":"answer","ref":"h","data":{"text":"\\ud800"}}',
    ]
    for (const message of messages) bad.send(message)
    await eventually(() => bad.of('error').length === messages.length)
    t.match(
      bad.of('error').map(({ ref, data }) => [ref, data.errors?.[0]]),
      [
        [undefined, undefined],
        [undefined, undefined],
        [undefined, { pointer: '', code: 'type' }],
        [undefined, { pointer: '', code: 'type' }],
        [undefined, { pointer: '/type', code: 'enum' }],
        [undefined, { pointer: '/type', code: 'enum' }],
        [undefined, { pointer: '/ref', code: 'required' }],
        [undefined, { pointer: '/type', code: 'enum' }],
        [undefined, { pointer: '/ref', code: 'type' }],
        ['r', { pointer: '/score', code: 'additionalProperties' }],
        ['h', undefined],
      ],
    )
    for (const { data } of bad.of('error')) t.match(data, { status: 400, code: 'malformed', traceId: /^[0-9a-f]{32}$/ })
    const traceIds = new Set(bad.of('error').map(({ data }) => data.traceId))
    t.equal(traceIds.size, messages.length, 'each is found by an id of its own')
    for (let count = messages.length; count < 20; count++) bad.send('x')
    t.equal((await bad.closed).code, 4509)
  })

  await t.test('a flood is refused, and closed when it continues', async (t) => {
    const flood = await connect()
    for (let count = 0; count < 500; count++) flood.send({ type: 'time', ref: count })
    t.equal((await flood.closed).code, 4509)
    t.ok(flood.of('time').length <= 45)
    t.match(flood.of('error')[0], { data: { code: 'rate-limited' } })
  })

  await t.test('a flood of pings is closed, a few of them are not', async (t) => {
    const flood = await openStalled(edge.url, `/v1/sessions/${session.sessionId}/ws`, ada.token)
    t.teardown(flood.close)
    flood.resume()
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0])
    for (let count = 0; count < 10; count++) flood.write(ping)
    await eventually(() => flood.received().includes('session.snapshot'))
    t.equal(closeCodeIn(flood.received()), undefined)
    // At once: what arrives after the close would reset the connection, and the code would be lost with it.
    flood.write(Buffer.concat(Array.from({ length: 1_000 }, () => ping)))
    await flood.closed
    t.equal(closeCodeIn(flood.received()), 4509)
  })

  await t.test('a message over 4 KiB ends the connection', async (t) => {
    const large = await connect()
    large.send({ type: 'time', ref: 'r', data: 'x'.repeat(5_000) })
    t.equal((await large.closed).code, 1006)
  })
})
