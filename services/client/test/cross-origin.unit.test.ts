import t from 'tap'
import { createResponseHeads } from '../../edge/http/reply.ts'
import type { FetchLike } from '../src/http.ts'
import { createClient } from '../src/index.ts'

const PAGE = 'https://app.example'
const SIMPLE_HEADERS = new Set(['accept', 'accept-language', 'content-language'])

const linesOf = (head: readonly [string, string] | undefined): ReadonlyMap<string, string> =>
  new Map(
    head === undefined
      ? []
      : `${head[0]}: ${head[1]}`.split('\r\n').map((line) => {
          const [name = '', value = ''] = line.split(/: (.*)/s)
          return [name, value] as const
        }),
  )

/** A page's fetch (Fetch standard, CORS) in front of an edge with its real headers for these origins. */
const browser = (origins: readonly string[], respond: (url: string) => Response) => {
  const heads = createResponseHeads({ origins })
  const sent: { url: string; headers: Record<string, string> }[] = []
  const world = { isOnline: true }
  const fetch: FetchLike = async (url, { headers, mode, method }) => {
    sent.push({ url, headers })
    if (!world.isOnline) throw new TypeError('Failed to fetch')
    if (mode === 'no-cors') return { type: 'opaque', status: 0, headers: new Headers(), text: async () => '' }
    const allowed = linesOf(heads.preflight(PAGE))
    const names = Object.keys(headers).filter((name) => !SIMPLE_HEADERS.has(name))
    const known = new Set((allowed.get('access-control-allow-headers') ?? '').split(', '))
    const isAllowed = allowed.has('access-control-allow-origin') && names.every((name) => known.has(name))
    if (!isAllowed || !(allowed.get('access-control-allow-methods') ?? '').includes(method)) {
      throw new TypeError('Failed to fetch')
    }
    return respond(url)
  }
  return { fetch, sent, world }
}

const credentials = { sessionId: 's', playerId: 'p', token: 'secret', nickname: 'Mia' }
const SNAPSHOT = { status: 'lobby', locked: false, leaderboard: { version: 0, playerCount: 0, top: [] }, now: 1 }
const respond = (url: string): Response => {
  if (url.includes('/events?')) {
    return new Response(`event: session.snapshot\nid: 3\ndata: ${JSON.stringify(SNAPSHOT)}\n\n`)
  }
  return Response.json({ ...credentials, answerId: 'a', questionId: 'q', receivedAt: 1, now: 1 })
}
const QUICK = { transport: 'sse', backoff: { baseMs: 1, maxMs: 2 } } as const
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

t.test('every request of the library passes the preflight of an edge that allows the origin', async (t) => {
  const { fetch, sent } = browser([PAGE], respond)
  const client = createClient({ baseUrl: 'http://edge', token: 'x', fetch, trace: () => traceparent })
  const player = await client.join('CODE', QUICK)
  t.teardown(player.close)
  t.match(await player.connect(), { status: 'lobby' })
  await player.answer('q', { choice: 1 })
  await client.createQuiz({ title: 'Quiz', questions: [] })
  await client.results('s')
  await player.leave()
  const names = new Set(sent.flatMap(({ headers }) => Object.keys(headers)))
  for (const name of ['authorization', 'idempotency-key', 'traceparent']) t.ok(names.has(name), name)
})

t.test('a stream that resumes passes it too', async (t) => {
  const { fetch, sent } = browser([PAGE], respond)
  const player = createClient({ baseUrl: 'http://edge', fetch }).player(credentials, QUICK)
  t.teardown(player.close)
  await player.connect()
  await player.next('session.snapshot').catch(() => undefined)
  t.ok(sent.some(({ headers }) => headers['last-event-id'] === '3'))
})

t.test('a refused preflight rejects connect() and ends the stream, over SSE and over WebSocket', async (t) => {
  for (const transport of ['sse', 'ws'] as const) {
    const { fetch } = browser(['https://another.example'], respond)
    class Refused {
      onerror: (() => void) | null = null
      constructor() {
        setTimeout(() => this.onerror?.())
      }
      close() {}
    }
    const client = createClient({ baseUrl: 'http://edge', fetch, WebSocket: Refused as never })
    const player = client.player(credentials, { ...QUICK, transport })
    await t.rejects(player.connect(), { code: 'client-refused', message: /origin/ }, transport)
    t.match(await player.ended, { code: 'client-refused' })
    t.match(player.problem, { code: 'client-refused' })
  }
})

t.test('a network that is down is not a refusal', async (t) => {
  const { fetch, world, sent } = browser([PAGE], respond)
  world.isOnline = false
  const player = createClient({ baseUrl: 'http://edge', fetch }).player(credentials, QUICK)
  t.teardown(player.close)
  const connected = player.connect()
  player.onStatus((_, problem) => {
    if (sent.length > 8 && problem?.code === 'client-network') world.isOnline = true
  })
  t.match(await connected, { status: 'lobby' })
})
