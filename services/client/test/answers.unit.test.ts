import t from 'tap'
import type { FetchLike } from '../src/http.ts'
import { createClient, newAnswerId, type PodiumProblem } from '../src/index.ts'

const credentials = { sessionId: 's', playerId: 'p', token: 'secret', nickname: 'Mia' }

type Reply = { status: number; body?: object; headers?: Record<string, string> } | 'refused' | 'silent'

/** A server that gives the listed replies, one per request. */
const playedFetch = (replies: Reply[]) => {
  const requests: { url: string; method: string; headers: Record<string, string>; body: Record<string, unknown> }[] = []
  const fetch: FetchLike = async (url, init) => {
    requests.push({ url, method: init.method, headers: init.headers, body: JSON.parse(init.body ?? 'null') })
    const reply = replies.shift() ?? 'refused'
    if (reply === 'refused') throw new TypeError('fetch failed')
    if (reply === 'silent') {
      return new Promise((_resolve, reject) => {
        init.signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    }
    const { status, body, headers } = reply
    return new Response(body === undefined ? null : JSON.stringify(body), { status, ...(headers && { headers }) })
  }
  return { fetch, requests }
}

const playerOf = (fetch: FetchLike) =>
  createClient({ baseUrl: 'http://edge/', fetch, random: () => 0 }).player(credentials, { transport: 'sse' })

t.test('an answer is repeated with its answerId until the server has said what became of it', async (t) => {
  const accepted = { answerId: 'x', questionId: 'q', receivedAt: 12 }
  const { fetch, requests } = playedFetch([
    'refused',
    'silent',
    { status: 503, body: { code: 'unavailable', status: 503 } },
    { status: 202, body: accepted },
  ])
  const receipt = await playerOf(fetch).answer('q', { choice: 2 }, { attemptTimeoutMs: 20 })
  t.strictSame(receipt, accepted)
  t.equal(requests.length, 4)
  t.equal(new Set(requests.map(({ body }) => body.answerId)).size, 1)
  t.match(requests[0], {
    url: 'http://edge/v1/sessions/s/answers',
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: { questionId: 'q', choice: 2 },
  })
})

t.test('a refusal is not repeated and carries code, status and trace', async (t) => {
  const { fetch, requests } = playedFetch([
    { status: 409, body: { code: 'question-closed', status: 409, detail: 'The question is closed.', traceId: 'abc' } },
  ])
  await t.rejects(playerOf(fetch).answer('q', { choice: 0 }), {
    name: 'PodiumProblem',
    code: 'question-closed',
    status: 409,
    traceId: 'abc',
  })
  t.equal(requests.length, 1)
})

t.test('the deadline ends the repetitions with what kept the last attempt from succeeding', async (t) => {
  const { fetch, requests } = playedFetch([])
  const started = Date.now()
  await t.rejects(playerOf(fetch).answer('q', { text: 'went' }, { deadlineMs: 400 }), {
    code: 'client-network',
    status: 0,
  })
  t.ok(Date.now() - started < 1_000)
  t.ok(requests.length >= 2, `${requests.length} attempts`)
})

t.test('Retry-After is waited for, or the answer given up when that is beyond the deadline', async (t) => {
  const limited = { status: 429, body: { code: 'rate-limited', status: 429 }, headers: { 'retry-after': '2' } }
  const { fetch, requests } = playedFetch([limited])
  await t.rejects(playerOf(fetch).answer('q', { choice: 0 }, { deadlineMs: 1_000 }), {
    code: 'rate-limited',
    retryAfterMs: 2_000,
  })
  t.equal(requests.length, 1)
})

t.test('a proxy that answers with no problem document is recognised by its status', async (t) => {
  const { fetch } = playedFetch([{ status: 502 }, { status: 404 }])
  const problem = await playerOf(fetch)
    .answer('q', { choice: 0 })
    .catch((error: PodiumProblem) => error)
  t.match(problem, { code: 'client-protocol', status: 404 })
})

t.test('answer ids are ordered UUIDs, also without crypto', async (t) => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  t.match(newAnswerId(), shape)
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
  t.teardown(() => Object.defineProperty(globalThis, 'crypto', crypto ?? {}))
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true, writable: true })
  const ids = Array.from({ length: 1_000 }, newAnswerId)
  t.equal(new Set(ids).size, 1_000)
  t.match(ids[0], shape)
})
