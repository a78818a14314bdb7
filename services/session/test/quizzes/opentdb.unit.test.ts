import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock'
import { createOpenTdb } from '../../quizzes/import/opentdb-client.ts'

type Answer = (response: ServerResponse, url: URL) => void

const json =
  (document: object, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  }

/** A server that speaks the provider's format; answers the requests in turn. */
const startProvider = async (t: Test, answers: readonly Answer[]) => {
  const requests: { readonly url: URL; readonly at: number }[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const answer = answers[requests.length] ?? json({ response_code: 1, results: [] })
    requests.push({ url, at: performance.now() })
    answer(response, url)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

const wanted = { amount: 5, category: undefined, difficulty: undefined, kind: undefined }
const success = { response_code: 0, results: [{ question: '?' }] }

t.test('asks for what is wanted, in the words of the provider', async (t) => {
  const { baseUrl, requests } = await startProvider(t, [json(success), json(success)])
  const provider = createOpenTdb({ baseUrl, clock: systemClock, intervalMs: 0 })
  t.same(
    JSON.parse(await provider.fetch({ amount: 50, category: 9, difficulty: 'easy', kind: 'single_choice' })),
    success,
  )
  await provider.fetch({ ...wanted, kind: 'true_false' })
  t.same(
    requests.map(({ url }) => url.pathname + url.search),
    ['/api.php?amount=50&category=9&difficulty=easy&type=multiple', '/api.php?amount=5&type=boolean'],
  )
})

t.test('its response codes become our refusals', async (t) => {
  const cases: readonly [Answer, { code: string; errors?: object[] }][] = [
    [
      json({ response_code: 1, results: [] }),
      { code: 'malformed', errors: [{ pointer: '/amount', code: 'no-results' }] },
    ],
    [json({ response_code: 2, results: [] }), { code: 'malformed', errors: [{ pointer: '/category' }] }],
    [json({ response_code: 3, results: [] }), { code: 'unavailable' }],
    [json({ response_code: 4, results: [] }), { code: 'unavailable' }],
    [json({ nonsense: true }), { code: 'unavailable' }],
    [json({}, 500), { code: 'unavailable' }],
    [(response) => response.end('<html>'), { code: 'unavailable' }],
    [(response) => response.end('x'.repeat(2_000_000)), { code: 'unavailable' }],
    [(response) => response.destroy(), { code: 'unavailable' }],
    [(response) => response.writeHead(302, { location: 'http://169.254.1.1/' }).end(), { code: 'unavailable' }],
    [() => undefined, { code: 'unavailable' }],
  ]
  for (const [answer, refusal] of cases) {
    const { baseUrl } = await startProvider(t, [answer])
    await t.rejects(createOpenTdb({ baseUrl, clock: systemClock, timeoutMs: 300 }).fetch(wanted), refusal)
  }
  const unreachable = createOpenTdb({ baseUrl: 'http://127.0.0.1:9', clock: systemClock })
  await t.rejects(unreachable.fetch(wanted), { code: 'unavailable' })
})

t.test('requests keep their distance, and one that came too early is repeated', async (t) => {
  const limited = json({ response_code: 5, results: [] })
  const { baseUrl, requests } = await startProvider(t, [json(success), limited, json({}, 429), json(success)])
  const provider = createOpenTdb({ baseUrl, clock: systemClock, intervalMs: 400 })
  await Promise.all([provider.fetch(wanted), provider.fetch(wanted)])
  t.equal(requests.length, 4)
  for (const [place, { at }] of requests.entries()) {
    const before = requests[place - 1]?.at
    if (before !== undefined)
      t.ok(at - before >= 200, `${at - before} ms, less what the network of a busy machine takes`)
  }
})

t.test('a request that cannot be served in time is refused at once', async (t) => {
  const { baseUrl, requests } = await startProvider(t, [json(success)])
  const provider = createOpenTdb({ baseUrl, clock: systemClock, intervalMs: 600_000, timeoutMs: 500_000 })
  await provider.fetch(wanted)
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => provider.fetch(wanted)))
  t.ok(outcomes.every(({ status }) => status === 'rejected'))
  t.equal(requests.length, 1)
})
