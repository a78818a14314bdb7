import { randomUUID } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { quizOf, waitUntil } from '../../client/testing/game.ts'
import type { Exchange } from '../../platform/test/support/http.ts'
import { createHttp } from './support/http.ts'
import { type Podium, startPodium } from './support/podium.ts'

/** Every row of the API's table of errors, provoked over real HTTP. */

const expectProblem = (
  t: Test,
  { status, headers, body }: Exchange,
  expected: readonly [status: number, code: string],
) => {
  t.equal(status, expected[0], `status, body ${JSON.stringify(body)}`)
  t.equal(body.code, expected[1])
  t.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  t.match(body, { type: String, title: String, status, detail: String, instance: /^\//, traceId: /^[0-9a-f]{32}$/ })
  if (status === 503 || status === 429) t.match(headers.get('retry-after') ?? '', /^\d+$/)
}

/** Requests of the tests, with what they need to know of the Podium they talk to. */
const actors = async (podium: Podium) => {
  const http = createHttp(podium.edgeUrl)
  const hostToken = await podium.token('Host', ['host'])
  const createQuiz = async (count = 3): Promise<string> =>
    (await http('POST', '/v1/quizzes', { token: hostToken, body: quizOf(count) })).body.quizId
  const createSession = async (settings: Record<string, unknown> = {}) => {
    const { body } = await http('POST', '/v1/sessions', {
      token: hostToken,
      body: {
        quizId: await createQuiz(),
        settings: {
          startDelaySeconds: 0,
          advance: 'manual',
          closeWhenAllAnswered: false,
          timeLimitSeconds: 60,
          ...settings,
        },
      },
    })
    return body as { sessionId: string; joinCode: string }
  }
  const join = async (session: string, name: string, body?: object) =>
    http('POST', `/v1/sessions/${session}/join`, { token: await podium.token(name), body })
  const control = (sessionId: string, command: string) =>
    http('POST', `/v1/sessions/${sessionId}/${command}`, { token: hostToken })
  const answer = (sessionId: string, token: string | undefined, body: object) =>
    http('POST', `/v1/sessions/${sessionId}/answers`, { token, body: { answerId: randomUUID(), ...body } })
  /** Starts the session; resolves with the id of the open question. */
  const start = async (sessionId: string): Promise<string> => {
    await control(sessionId, 'start')
    for (;;) {
      const { body } = await http('GET', `/v1/sessions/${sessionId}`, { token: hostToken })
      if (body.status === 'question_open') {
        await waitUntil(body.question.opensAt)
        return body.question.questionId
      }
      await waitUntil(Date.now())
    }
  }
  return { http, hostToken, createQuiz, createSession, join, control, answer, start }
}

t.test('errors', async (t) => {
  const podium = await startPodium(t)
  const { http, hostToken, createQuiz, createSession, join, control, answer, start } = await actors(podium)

  await t.test('joining', async (t) => {
    const { sessionId, joinCode } = await createSession({ maxParticipants: 2 })
    for (const unknown of [randomUUID(), 'ZZZZZZ', 'x', '*', '%3E', 'a'.repeat(300)]) {
      expectProblem(t, await join(unknown, 'Ada'), [400, 'session-not-found'])
    }
    const joined = await join(joinCode.toLowerCase(), 'Ada')
    t.equal(joined.status, 200)
    expectProblem(t, await join(sessionId, 'Ada'), [409, 'already-joined'])
    const resumed = await join(sessionId, 'Ada', { resume: true })
    t.equal(resumed.status, 200)
    t.equal(resumed.body.playerId, joined.body.playerId)
    for (const nickname of ['', ' ', 'x'.repeat(25), 'a\u202eb', 'a\nb']) {
      expectProblem(t, await join(sessionId, 'Bob', { nickname }), [400, 'nickname-invalid'])
    }
    await control(sessionId, 'lock')
    expectProblem(t, await join(sessionId, 'Bob'), [409, 'session-locked'])
    await control(sessionId, 'unlock')
    t.equal((await join(sessionId, 'Bob')).status, 200)
    expectProblem(t, await join(sessionId, 'Cleo'), [409, 'session-full'])
    expectProblem(t, await http('POST', `/v1/sessions/${sessionId}/join`, { body: { nickname: 'Guest' } }), [
      401,
      'unauthorized',
    ])
    await control(sessionId, 'cancel')
    expectProblem(t, await join(sessionId, 'Dan'), [409, 'session-over'])
  })

  await t.test('joining late', async (t) => {
    const { sessionId } = await createSession({ lateJoin: false })
    await join(sessionId, 'Ada')
    await start(sessionId)
    expectProblem(t, await join(sessionId, 'Bob'), [409, 'late-join-off'])
  })

  await t.test('answering', async (t) => {
    const { sessionId } = await createSession()
    const other = await createSession()
    const ada = (await join(sessionId, 'Ada')).body.token
    const bob = (await join(sessionId, 'Bob')).body.token
    // A player may answer ten times at once, so that the many bad answers have players of their own.
    const cleo = (await join(sessionId, 'Cleo')).body.token
    const dan = (await join(sessionId, 'Dan')).body.token
    const stranger = (await join(other.sessionId, 'Eve')).body.token
    const ids = { answerId: randomUUID() }
    expectProblem(t, await answer(sessionId, ada, { questionId: randomUUID(), choice: 0 }), [
      400,
      'question-not-in-quiz',
    ])
    const questionId = await start(sessionId)
    expectProblem(t, await answer(sessionId, stranger, { questionId, choice: 0 }), [403, 'not-a-participant'])
    expectProblem(t, await answer(sessionId, hostToken, { questionId, choice: 0 }), [403, 'not-a-participant'])
    expectProblem(t, await answer(sessionId, undefined, { questionId, choice: 0 }), [401, 'unauthorized'])
    for (const wrong of [{ choice: 4 }, { choice: -1 }, { choice: 1e9 }, { text: 'two' }, { choices: [0] }, {}]) {
      expectProblem(t, await answer(sessionId, cleo, { questionId, ...wrong }), [400, 'answer-invalid'])
    }
    for (const bad of [{ choice: '0' }, { choice: 0, score: 9 }, { choice: 0, playerId: 'x' }, { choice: 0.5 }]) {
      expectProblem(t, await answer(sessionId, dan, { questionId, ...bad }), [400, 'malformed'])
    }
    const first = await answer(sessionId, ada, { ...ids, questionId, choice: 0 })
    t.equal(first.status, 202)
    t.same(Object.keys(first.body).sort(), ['answerId', 'questionId', 'receivedAt'])
    const again = await answer(sessionId, ada, { ...ids, questionId, choice: 0 })
    t.equal(again.status, 202)
    t.same(again.body, first.body)
    expectProblem(t, await answer(sessionId, ada, { questionId, choice: 0 }), [400, 'already-answered'])
    expectProblem(t, await answer(sessionId, ada, { ...ids, questionId, choice: 1 }), [422, 'answer-id-reused'])
    const fay = (await join(sessionId, 'Fay')).body.token
    t.equal((await http('POST', `/v1/sessions/${sessionId}/leave`, { token: fay })).status, 204)
    expectProblem(t, await answer(sessionId, fay, { questionId, choice: 0 }), [403, 'not-a-participant'])
    await control(sessionId, 'pause')
    expectProblem(t, await answer(sessionId, bob, { questionId, choice: 0 }), [409, 'session-paused'])
    t.equal((await answer(sessionId, ada, { ...ids, questionId, choice: 0 })).status, 202, 'a repeat while paused')
    await control(sessionId, 'resume')
    await control(sessionId, 'close')
    expectProblem(t, await answer(sessionId, bob, { questionId, choice: 0 }), [409, 'question-closed'])
    t.equal((await answer(sessionId, ada, { ...ids, questionId, choice: 0 })).status, 202, 'a repeat after the close')
  })

  await t.test('answering before a question opens', async (t) => {
    const { sessionId } = await createSession({ startDelaySeconds: 30 })
    const ada = (await join(sessionId, 'Ada')).body.token
    const { quiz } = { quiz: await http('GET', `/v1/quizzes/${await createQuiz()}`, { token: hostToken }) }
    const foreign = quiz.body.questions[0].questionId
    expectProblem(t, await answer(sessionId, ada, { questionId: foreign, choice: 0 }), [400, 'question-not-in-quiz'])
    const own = (await http('GET', `/v1/sessions/${sessionId}/results`, { token: hostToken })).body.questions
    t.ok(own.length > 0, 'the host sees the questions')
    expectProblem(t, await answer(sessionId, ada, { questionId: own[0].questionId, choice: 0 }), [
      409,
      'question-not-open',
    ])
  })

  await t.test('tokens', async (t) => {
    const bad = ['x', 'a.b.c', `${hostToken}x`, `${hostToken.split('.').slice(0, 2).join('.')}.`]
    for (const token of bad) {
      const refused = await http('POST', '/v1/quizzes', { token, body: quizOf(1) })
      expectProblem(t, refused, [401, 'unauthorized'])
      t.match(refused.headers.get('www-authenticate') ?? '', /^Bearer/)
    }
    const expired = await podium.stack.issuer.token({ sub: 'late', name: 'Late', roles: ['host'], ttlSeconds: -60 })
    expectProblem(t, await http('POST', '/v1/quizzes', { token: expired, body: quizOf(1) }), [401, 'unauthorized'])
    const player = await podium.token('Ada')
    expectProblem(t, await http('POST', '/v1/quizzes', { token: player, body: quizOf(1) }), [403, 'forbidden'])
  })

  await t.test("another owner's objects and objects that do not exist", async (t) => {
    const quizId = await createQuiz()
    const { sessionId } = await createSession()
    const rival = await podium.token('Rival', ['host'])
    expectProblem(t, await http('GET', `/v1/quizzes/${quizId}`, { token: rival }), [404, 'not-found'])
    expectProblem(t, await http('GET', `/v1/sessions/${sessionId}`, { token: rival }), [404, 'not-found'])
    expectProblem(t, await http('POST', `/v1/sessions/${sessionId}/start`, { token: rival }), [404, 'not-found'])
    expectProblem(t, await http('GET', `/v1/sessions/${sessionId}/results`, { token: rival }), [404, 'not-found'])
    expectProblem(t, await http('POST', '/v1/sessions', { token: rival, body: { quizId } }), [404, 'not-found'])
    expectProblem(t, await http('GET', `/v1/sessions/${randomUUID()}`, { token: hostToken }), [404, 'not-found'])
    expectProblem(t, await http('GET', '/v1/nothing', { token: hostToken }), [404, 'not-found'])
  })

  await t.test('host commands in the wrong state', async (t) => {
    const { sessionId } = await createSession()
    for (const command of ['next', 'close', 'resume']) {
      expectProblem(t, await control(sessionId, command), [409, 'wrong-state'])
    }
    const ada = (await join(sessionId, 'Ada')).body.token
    const asPlayer = await http('POST', `/v1/sessions/${sessionId}/start`, { token: ada })
    expectProblem(t, asPlayer, [403, 'forbidden'])
  })

  await t.test('bodies, media types, methods', async (t) => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      http('POST', '/v1/quizzes', { token: hostToken, body, headers })
    for (const body of ['', '{', '[]', '"x"', '{"title":"x"}', '{"title":"x","questions":[]}', '[{"x":1e400}]']) {
      expectProblem(t, await post(body), [400, 'malformed'])
    }
    const extra = await http('POST', '/v1/quizzes', { token: hostToken, body: { ...quizOf(1), owner: 'me' } })
    expectProblem(t, extra, [400, 'malformed'])
    t.match(extra.body.errors, [{ pointer: String, code: String }])
    expectProblem(t, await post('x', { 'content-type': 'text/plain' }), [415, 'unsupported-media-type'])
    expectProblem(t, await post(JSON.stringify('x'.repeat(300_000))), [413, 'too-large'])
    const wrong = await http('PUT', '/v1/quizzes', { token: hostToken, body: {} })
    expectProblem(t, wrong, [405, 'method-not-allowed'])
    t.match(wrong.headers.get('allow') ?? '', /POST/)
  })

  await t.test('too many answers', async (t) => {
    const { sessionId } = await createSession()
    const ada = (await join(sessionId, 'Ada')).body.token
    const questionId = await start(sessionId)
    const storm = await Promise.all(Array.from({ length: 40 }, () => answer(sessionId, ada, { questionId, choice: 0 })))
    const refused = storm.find(({ status }) => status === 429)
    if (refused === undefined) throw new Error('nothing was refused')
    expectProblem(t, refused, [429, 'rate-limited'])
    t.match(refused.headers.get('ratelimit-policy') ?? '', /^"answers";q=10;w=2$/)
    t.match(refused.headers.get('ratelimit') ?? '', /^"answers";r=0;t=1$/)
    t.equal(storm.filter(({ status }) => status === 202).length, 1)
    await waitUntil(Date.now() + 1_000 * Number(refused.headers.get('retry-after')))
    expectProblem(t, await answer(sessionId, ada, { questionId, choice: 0 }), [400, 'already-answered'])
  })

  await t.test('the unforeseen says nothing about itself', async (t) => {
    const database = new pg.Client({ connectionString: podium.stack.urls.postgres })
    await database.connect()
    await database.query('ALTER TABLE quizzes RENAME TO quizzes_elsewhere')
    const failed = await http('POST', '/v1/quizzes', { token: hostToken, body: quizOf(1) })
    await database.query('ALTER TABLE quizzes_elsewhere RENAME TO quizzes')
    await database.end()
    expectProblem(t, failed, [500, 'internal'])
    t.notMatch(JSON.stringify(failed.body), /quizzes_elsewhere|relation|does not exist|stack/)
  })

  await t.test('NATS unavailable', async (t) => {
    const { sessionId } = await createSession()
    const ada = (await join(sessionId, 'Ada')).body.token
    const questionId = await start(sessionId)
    const answerId = randomUUID()
    const nats = podium.stack.process('nats')
    await nats.stop()
    expectProblem(t, await answer(sessionId, ada, { answerId, questionId, choice: 0 }), [503, 'unavailable'])
    await nats.start()
    let status = 0
    for (let attempt = 0; attempt < 60 && status !== 202; attempt++) {
      status = (await answer(sessionId, ada, { answerId, questionId, choice: 0 })).status
      if (status !== 202) await waitUntil(Date.now() + 250)
    }
    t.equal(status, 202, 'the same answer is accepted when it is back')
  })
})
