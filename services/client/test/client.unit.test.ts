import t from 'tap'
import type { FetchLike } from '../src/http.ts'
import { createClient, type PodiumProblem } from '../src/index.ts'

const credentials = { sessionId: 's', playerId: 'p', token: 'old', nickname: 'Mia' }

/** A client in front of a server that answers as told, in turn; afterwards with the credentials of a player. */
const setUp = (...answers: (() => Response)[]) => {
  const sent: { line: string; body: unknown; key: string | undefined; token: string | undefined }[] = []
  const fetch: FetchLike = async (url, { method, headers, body }) => {
    const line = `${method} ${url.slice('http://edge'.length)}`
    const { authorization, 'idempotency-key': key } = headers
    sent.push({ line, body: body === undefined ? undefined : JSON.parse(body), key, token: authorization?.slice(7) })
    return (answers.shift() ?? (() => Response.json({ ...credentials, token: 'fresh' })))()
  }
  return { client: createClient({ baseUrl: 'http://edge', token: 'user', fetch, random: () => 0 }), sent }
}
const offline = (): Response => {
  throw new TypeError('fetch failed')
}
const problem =
  (status: number, code: string, headers = {}) =>
  () =>
    new Response(JSON.stringify({ code, status }), { status, headers })

t.test('a join whose reply is lost is repeated with the same Idempotency-Key', async (t) => {
  const { client, sent } = setUp(offline, problem(503, 'unavailable'))
  t.match(await client.join('CODE', { nickname: 'Mia' }), { playerId: 'p', token: 'fresh' })
  t.equal(sent.length, 3)
  t.match(sent[0], { line: 'POST /v1/sessions/CODE/join', body: { nickname: 'Mia' }, key: /^[0-9a-f-]{36}$/ })
  t.equal(new Set(sent.map(({ key }) => key)).size, 1)
  await client.join('CODE')
  t.not(sent[3]?.key, sent[0]?.key, 'another join is another request')
})

t.test('creates are repeated with a key of the app', async (t) => {
  const { client, sent } = setUp(offline)
  await client.createQuiz({ title: 'x', questions: [] }, { idempotencyKey: 'mine' })
  await client.createSession({ quizId: 'q' }, { idempotencyKey: 'mine' })
  await client.importQuiz({ format: 'gift', title: 'x', content: '' }, { idempotencyKey: 'mine' })
  t.strictSame(
    sent.map(({ line, key }) => `${line} ${key}`),
    ['/v1/quizzes', '/v1/quizzes', '/v1/sessions', '/v1/quizzes/import'].map((path) => `POST ${path} mine`),
  )
})

t.test(
  'a refusal, a long Retry-After and a third failure are thrown at once; other requests are not repeated',
  async (t) => {
    const codeOf = (attempt: Promise<unknown>) => attempt.then(String, ({ code }: PodiumProblem) => code)
    for (const [answers, code, count] of [
      [[problem(409, 'session-full')], 'session-full', 1],
      [[problem(429, 'rate-limited', { 'retry-after': '30' })], 'rate-limited', 1],
      [[offline, offline, offline], 'client-network', 3],
    ] as const) {
      const { client, sent } = setUp(...answers)
      t.equal(await codeOf(client.join('CODE')), code)
      t.equal(sent.length, count, code)
    }
    const { client, sent } = setUp(offline)
    t.equal(await codeOf(client.control('s', 'start')), 'client-network')
    t.equal(sent.length, 1)
  },
)

t.test('a guest resumes with the player token', async (t) => {
  const { client, sent } = setUp()
  t.match(await client.resume(credentials), { playerId: 'p', token: 'fresh' })
  t.match(sent, [{ line: 'POST /v1/sessions/s/join', body: { resume: true }, token: 'old', key: /./ }])
})

t.test('a command carries the epoch that it was decided on, if the app gives one', async (t) => {
  const { client, sent } = setUp()
  await client.control('s', 'next', { epoch: 7 })
  await client.control('s', 'next')
  t.strictSame(
    sent.map(({ body }) => body),
    [{ epoch: 7 }, undefined],
  )
})

t.test('sessions are found by code and listed', async (t) => {
  const { client, sent } = setUp()
  await client.lookUp('K7M2QX')
  await client.sessions({ limit: 5, status: 'lobby' })
  await client.sessions()
  await client.leaderboard('s', { limit: 3, around: 'me' })
  t.strictSame(
    sent.map(({ line }) => line),
    [
      'GET /v1/join/K7M2QX',
      'GET /v1/sessions?limit=5&status=lobby',
      'GET /v1/sessions',
      'GET /v1/sessions/s/leaderboard?limit=3&around=me',
    ],
  )
})
