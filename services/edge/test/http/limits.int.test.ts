import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { newId } from '#platform/ids'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createAuthentication } from '../../auth/authentication.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve, type TestSession } from '../support/session.ts'

const start = async (t: Test, env: NodeJS.ProcessEnv) => {
  const edge = await startEdge(t, { env })
  serve(edge.nats, 'quiz-create', () => ({ case: 'createQuiz', value: { quizId: newId() } }))
  const joined = { sessionId: newId(), playerId: newId(), token: 't', nickname: 'Ada' }
  serve(edge.nats, 'session-join', () => ({ case: 'join', value: joined }))
  return { edge, http: createHttp(edge.url), server: edge.natsServer }
}

const quiz = { title: 'x', questions: [{ kind: 'true_false', prompt: 'Right?', correct: true }] }

t.test('rates', async (t) => {
  const env = {
    RATE_COMMANDS: '3/0.5',
    RATE_JOINS: '2/1',
    RATE_ADDRESS: '12/0.01',
    RATE_INVALID_TOKENS: '12/0.01',
    TRUSTED_PROXIES: '127.0.0.0/8',
  }
  const { edge, http } = await start(t, env)
  const tokenOf = (sub: string) => edge.issuer.token({ sub, roles: ['host'] })
  const from = (address: string) => ({ 'x-forwarded-for': address })

  await t.test('a user who asks too often gets the time to come back, on whatever resource', async (t) => {
    const token = await tokenOf('eager')
    const headers = from('192.0.2.1')
    for (let n = 0; n < 3; n++)
      t.match(await http('POST', '/v1/quizzes', { token, body: quiz, headers }), { status: 201 })
    const refused = await http('GET', `/v1/quizzes/${newId()}`, { token, headers })
    t.match(refused, {
      status: 429,
      body: { code: 'rate-limited', policy: '"commands";q=3;w=6', retryAfterSeconds: 2 },
    })
    t.equal(refused.headers.get('retry-after'), '2')
    t.equal(refused.headers.get('ratelimit-policy'), '"commands";q=3;w=6')
    t.equal(refused.headers.get('ratelimit'), '"commands";r=0;t=2')
    const other = await http('POST', '/v1/quizzes', { token: await tokenOf('calm'), body: quiz, headers })
    t.match(other, { status: 201 }, 'from the same address')
  })

  await t.test('joins are counted apart', async (t) => {
    const token = await tokenOf('joiner')
    const headers = from('192.0.2.2')
    for (let n = 0; n < 2; n++)
      t.match(await http('POST', '/v1/sessions/ABC234/join', { token, headers }), { status: 200 })
    const refused = await http('POST', '/v1/sessions/ABC234/join', { token, headers })
    t.match(refused, { status: 429, body: { policy: '"joins";q=2;w=2' } })
    t.match(await http('POST', '/v1/quizzes', { token, body: quiz, headers }), { status: 201 })
  })

  const tooMany = (name: string) => ({ status: 429, body: { policy: `"${name}";q=12;w=1200` } })
  const newSession = async () => {
    const session = createTestSession(edge.nats)
    await session.publish({ case: 'sessionCreated', value: {} })
    await session.open(0)
    return session
  }
  const answer = (session: TestSession, token: string, headers: Record<string, string>) => {
    const body = { answerId: newId(), questionId: session.questionIds[0], choice: 0 }
    return http('POST', `/v1/sessions/${session.sessionId}/answers`, { token, body, headers })
  }

  await t.test('requests without a token count against their address, and hold up no user behind it', async (t) => {
    const headers = from('198.51.100.7, 203.0.113.5')
    const known = await tokenOf('known')
    for (let n = 0; n < 12; n++) t.match(await http('POST', '/v1/quizzes', { body: quiz, headers }), { status: 401 })
    t.match(await http('POST', '/v1/sessions/ABC234/join', { body: {}, headers }), tooMany('address'))
    t.match(await http('POST', '/v1/sessions/ABC234/join', { token: known, headers }), { status: 200 })
    t.match(await http('POST', '/v1/quizzes', { token: 'bad', body: quiz, headers }), { status: 401 }, 'counted apart')
    const elsewhere = await http('POST', '/v1/sessions/ABC234/join', { body: {}, headers: from('198.51.100.7') })
    t.match(elsewhere, { status: 200 }, 'what stands before the last address may be invented')
    t.match(await http('GET', '/v1/time', { headers }), { status: 200 }, 'costs nothing')
  })

  await t.test('invalid tokens count against their address, also on answers, and good ones do not', async (t) => {
    const session = await newSession()
    const headers = from('192.0.2.10')
    const player = (ord: number) => edge.playerToken({ sub: newId(), sid: session.sessionId, ord })
    const known = await player(0)
    t.match(await answer(session, known, headers), { status: 202 })
    for (let n = 1; n < 20; n++) t.match(await answer(session, await player(n), headers), { status: 202 })
    const forged = async (n: number) => `${(await player(n)).slice(0, -8)}AAAAAAAA`
    for (let n = 0; n < 6; n++) t.match(await answer(session, await forged(n), headers), { status: 401 })
    for (let n = 0; n < 6; n++) {
      t.match(await http('POST', '/v1/quizzes', { token: `bad${n}`, body: quiz, headers }), { status: 401 })
    }
    t.match(await answer(session, await forged(7), headers), tooMany('invalid-tokens'))
    t.match(
      await answer(session, await player(21), headers),
      tooMany('invalid-tokens'),
      'not verified, so not told apart',
    )
    t.match(await answer(session, known, headers), { status: 400, body: { code: 'already-answered' } })
    t.match(
      await http('POST', '/v1/sessions/ABC234/join', { body: {}, headers }),
      { status: 200 },
      'guests are counted apart',
    )
    t.match(await answer(session, await forged(8), from('192.0.2.11')), { status: 401 })
  })
})

t.test('while NATS is unavailable commands are refused at once', async (t) => {
  const { edge, http, server } = await start(t, {})
  const token = await edge.issuer.token({ sub: 'u', roles: ['host'] })
  t.match(await http('POST', '/v1/quizzes', { token, body: quiz }), { status: 201 })
  await server.stop()
  await eventually(() => !edge.link.isUp())
  const before = performance.now()
  const refused = await http('POST', '/v1/quizzes', { token, body: quiz })
  t.match(refused, { status: 503, body: { code: 'unavailable' } })
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.ok(performance.now() - before < 500)
  await server.start()
  await eventually(async () => (await http('POST', '/v1/quizzes', { token, body: quiz })).status === 201)
})

t.test('connections beyond the cap are refused with a time to come back, those that are open stay', async (t) => {
  const { edge, http } = await start(t, { MAX_CONNECTIONS: '3' })
  const open: Socket[] = []
  t.teardown(() => open.forEach((socket) => void socket.destroy()))
  for (let n = 0; n < 3; n++) {
    const socket = connect(edge.port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    open.push(socket)
  }
  await eventually(async () => (await http('GET', '/v1/time')).status === 503)
  const refused = await http('GET', '/v1/time')
  t.match(refused.body, { code: 'unavailable', instance: '/', traceId: /^[0-9a-f]{32}$/ })
  t.equal(refused.headers.get('x-content-type-options'), 'nosniff')
  const [first] = open
  first?.write('GET /v1/time HTTP/1.1\r\nHost: x\r\n\r\n')
  const answer = await new Promise((resolve) => first?.once('data', (data) => resolve(data.toString())))
  t.match(answer, /^HTTP\/1\.1 200 /)
  open.pop()?.destroy()
  await eventually(async () => (await http('GET', '/v1/time')).status === 200)
})

t.test('WebSockets that have closed do not count as connections', async (t) => {
  const edge = await startEdge(t, { env: { MAX_CONNECTIONS: '5' } })
  const session = createTestSession(edge.bus)
  await session.publish({ case: 'sessionCreated', value: {} })
  const { token } = await edge.player(session.sessionId, 'Ada')
  for (let n = 0; n < 12; n++) {
    const stream = await edge.ws(session.sessionId, token)
    stream.close()
    await eventually(() => edge.streams.stats().streams === 0)
  }
})

t.test('a process whose event loop is late refuses new players and streams, not answers and commands', async (t) => {
  const policy = { burst: 10, perSecond: 1 }
  const policies = { commands: policy, imports: policy, joins: policy, address: policy, invalidTokens: policy }
  const principal = { kind: 'user', userId: 'u', name: '', roles: [], expiresAt: 0 } as const
  const tokens = { recall: () => principal, verify: () => Promise.resolve(principal) }
  let isBusy = true
  const clock = { monotonic: () => 0 }
  const { admitToken } = createAuthentication({ tokens, policies, clock, isBusy: () => isBusy })
  for (const action of ['session.join', 'stream.open', 'socket.open'] as const) {
    t.throws(() => admitToken('token', action, () => ''), { code: 'unavailable' })
  }
  for (const action of ['session.control', 'answer.submit'] as const) {
    t.doesNotThrow(() => admitToken('token', action, () => ''))
  }
  isBusy = false
  t.doesNotThrow(() => admitToken('token', 'session.join', () => ''))
})
