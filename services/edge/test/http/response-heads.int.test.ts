import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { createLogger } from '#platform/logger'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createResponseHeads, ok } from '../../http/reply.ts'
import { startHttpServer } from '../../http/server.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const start = async (t: Test, options: Parameters<typeof createResponseHeads>[0]) => {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: [{ method: 'GET', path: '/thing', handle: () => ok({ a: 1 }) }],
    sockets: [],
    logger,
    heads: createResponseHeads(options),
  })
  t.teardown(server.close)
  return { port: server.port, http: createHttp(`http://127.0.0.1:${server.port}`) }
}

/** Node's fetch may not send an Origin or ask for OPTIONS as it likes: raw, then. */
const raw = (port: number, method: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`${method} /thing HTTP/1.1\r\nHost: edge.example\r\n${lines.join('')}\r\n`)
    })
    socket.on('error', reject)
    socket.on('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
  })

t.test('every response says that nothing may be kept, guessed, framed or run', async (t) => {
  const { http } = await start(t, {})
  for (const [method, path] of [
    ['GET', '/thing'],
    ['GET', '/nothing'],
    ['POST', '/thing'],
    ['GET', '/thing?token=x'],
  ] as const) {
    const { headers } = await http(method, path)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.equal(headers.get('referrer-policy'), 'no-referrer')
    t.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
    t.equal(headers.get('strict-transport-security'), null, 'without TLS')
  }
})

t.test('with TLS the browser is asked to insist on it', async (t) => {
  const { http } = await start(t, { secure: true })
  t.match((await http('GET', '/thing')).headers.get('strict-transport-security'), /^max-age=\d{8}/)
})

t.test('only pages of allowed origins get to see anything', async (t) => {
  const { port } = await start(t, { origins: ['https://play.example', 'https://host.example'] })
  const allowed = await raw(port, 'GET', { Origin: 'https://play.example' })
  t.match(allowed, /\r\naccess-control-allow-origin: https:\/\/play\.example\r\n/)
  t.match(allowed, /\r\naccess-control-expose-headers: content-disposition, etag, location, retry-after, ratelimit/)
  t.match(allowed, /\r\nvary: origin\r\n/)
  t.notMatch(allowed, /credentials/)
  for (const Origin of ['https://evil.example', 'null', 'https://play.example.evil.example', 'http://play.example']) {
    const refused = await raw(port, 'GET', { Origin })
    t.match(refused, /^HTTP\/1\.1 200 /)
    t.notMatch(refused, /access-control/, Origin)
    t.match(refused, /\r\nvary: origin\r\n/)
  }
})

t.test('preflights are answered to allowed origins', async (t) => {
  const { port } = await start(t, { origins: ['https://play.example'] })
  const ask = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' }
  const allowed = await raw(port, 'OPTIONS', { Origin: 'https://play.example', ...ask })
  t.match(allowed, /^HTTP\/1\.1 204 /)
  t.match(allowed, /\r\naccess-control-allow-methods: GET, POST, PUT, DELETE\r\n/)
  t.match(allowed, /\r\naccess-control-allow-headers: authorization, content-type, idempotency-key/)
  const refused = await raw(port, 'OPTIONS', { Origin: 'https://evil.example', ...ask })
  t.match(refused, /^HTTP\/1\.1 405 /)
  t.notMatch(refused, /access-control/)
  const all = await start(t, { origins: ['*'] })
  t.match(await raw(all.port, 'OPTIONS', { Origin: 'https://any.example', ...ask }), /allow-origin: \*\r\n/)
})

t.test(
  'a WebSocket may be opened by allowed pages, by those of the same host, and by what is no browser',
  async (t) => {
    const { allows } = createResponseHeads({ origins: ['https://play.example'] })
    t.ok(allows('', 'edge.example'))
    t.ok(allows('https://play.example', 'edge.example'))
    t.ok(allows('https://edge.example:8443', 'Edge.example:8443'))
    for (const origin of ['https://evil.example', 'null', 'https://edge.example.evil.example', 'x']) {
      t.notOk(allows(origin, 'edge.example'), origin)
    }
  },
)

t.test('a token in a URL is refused, with a sentence that says where it belongs', async (t) => {
  const { http } = await start(t, {})
  for (const query of ['token=x', 'a=1&access_token=x', 'Access_Token=x', 'jwt=x']) {
    const { status, body } = await http('GET', `/thing?${query}`)
    t.match({ status, ...body }, { status: 400, code: 'malformed', detail: /Authorization header/, instance: '/thing' })
  }
  t.equal((await http('GET', '/thing?tokens=1&a=token')).status, 200)
})
