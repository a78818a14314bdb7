import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { trustedCertificate } from '../../platform/test/support/certificate.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createHttp } from '../../platform/test/support/http.ts'
import { noNginx, startNginx } from './support/nginx.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Stands for an edge, so that a test sees what nginx passes on; `asked` has the requests. */
const startUpstream = async (t: Test, answer: Answer) => {
  const asked: IncomingMessage[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked, server }
}

const echo: Answer = (request, response) => {
  response.setHeader('content-type', 'application/json')
  request.resume().on('end', () => response.end(JSON.stringify(request.headers)))
}

const refuse: Answer = (request, response) => {
  response.statusCode = 503
  request.resume().on('end', () => response.end('{"code":"unavailable"}'))
}

/** With headers that fetch does not let through. */
const ask = async (origin: string, path: string, headers: Record<string, string>): Promise<void> => {
  const request = httpsRequest(`${origin}${path}`, { headers })
  request.end()
  const [response] = await once(request, 'response')
  response.resume()
  await once(response, 'end')
}

const ANSWERS = '/v1/sessions/s1/answers'

t.test('nginx', { skip: noNginx }, async (t) => {
  const certificate = await trustedCertificate(t)

  await t.test('passes on what an edge needs to know, and nothing that a client says about itself', async (t) => {
    const upstream = await startUpstream(t, echo)
    const nginx = await startNginx(t, { edges: [upstream.port], certificate })
    const http = createHttp(nginx.origin)
    const spoofed = { 'x-forwarded-for': '10.1.1.1', forwarded: 'for=10.1.1.1', 'x-forwarded-proto': 'http' }
    const { status, body, headers } = await http('GET', '/v1/time?secret=query', { token: 'abc', headers: spoofed })
    t.equal(status, 200)
    t.match(body, {
      host: new URL(nginx.origin).host,
      authorization: 'Bearer abc',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      forwarded: undefined,
    })
    t.match(headers.get('strict-transport-security'), /max-age=63072000/)
    t.equal(headers.get('server'), 'nginx', 'no version')
    await eventually(() => nginx.accessLog().includes('"GET /v1/time" 200'))
    t.notMatch(nginx.accessLog(), /secret|abc/)

    for (const path of [ANSWERS, '/v1/quizzes/import', '/v1/sessions/s1/events', '/v1/sessions/s1/ws']) {
      const upgrade = { ...spoofed, connection: 'Upgrade', upgrade: 'h2c' }
      const [passed] = await Promise.all([once(upstream.server, 'request'), ask(nginx.origin, path, upgrade)])
      t.match(
        passed[0].headers,
        {
          host: new URL(nginx.origin).host,
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-proto': 'https',
          forwarded: undefined,
          connection: undefined,
          upgrade: undefined,
        },
        path,
      )
    }

    t.match(await http('GET', '/readyz'), { status: 404, body: { code: 'not-found' } })
    t.match(await http('GET', '/metrics'), { status: 404 })
    const plain = await fetch(`${nginx.plainOrigin}/v1/time`, { redirect: 'manual' })
    t.equal(plain.status, 308)
    t.match(plain.headers.get('location'), /^https:\/\/localhost\/v1\/time/)
  })

  await t.test('keeps the limits, in the words of the API', async (t) => {
    const upstream = await startUpstream(t, echo)
    const nginx = await startNginx(t, { edges: [upstream.port], certificate })
    const http = createHttp(nginx.origin)
    const post = async (path: string, bytes: number) => (await http('POST', path, { body: 'x'.repeat(bytes) })).status
    t.equal(await post(ANSWERS, 4_096), 200)
    t.match(await http('POST', ANSWERS, { body: 'x'.repeat(4_097) }), { status: 413, body: { code: 'too-large' } })
    t.equal(await post('/v1/quizzes', 262_144), 200)
    t.equal(await post('/v1/quizzes', 262_145), 413)
    t.equal(await post('/v1/quizzes/import', 4_194_304), 200)
    t.equal(await post('/v1/quizzes/import', 4_194_305), 413)
    const big = { headers: { cookie: 'x'.repeat(5_000) } }
    t.match(await http('GET', '/v1/time', big), { status: 400, body: { code: 'malformed' } })
    t.equal(upstream.asked.length, 3, 'what is refused does not reach an edge')
  })

  await t.test('takes another edge when one is unavailable or leaving, where asking twice does no harm', async (t) => {
    const [leaving, gone, good] = [
      await startUpstream(t, refuse),
      await startUpstream(t, echo),
      await startUpstream(t, echo),
    ]
    gone.server.close()
    for (const other of [leaving, gone]) {
      const nginx = await startNginx(t, { edges: [other.port, good.port], certificate })
      const http = createHttp(nginx.origin)
      const statuses = async (method: string, path: string) => {
        const all = new Set<number>()
        for (let count = 0; count < 4; count += 1) {
          all.add((await http(method, path, method === 'POST' ? { body: {} } : {})).status)
        }
        return [...all].sort()
      }
      t.same(await statuses('GET', '/v1/time'), [200])
      t.same(await statuses('POST', ANSWERS), [200], 'the answerId makes a repeated answer the same answer')
      // One that never reached the edge may be sent to another one all the same.
      t.same(await statuses('POST', '/v1/sessions'), other === leaving ? [200, 503] : [200])
    }
  })

  await t.test('says unavailable when there is no edge', async (t) => {
    const gone = await startUpstream(t, echo)
    gone.server.close()
    const nginx = await startNginx(t, { edges: [gone.port], certificate })
    const answer = await createHttp(nginx.origin)('GET', '/v1/time')
    t.match(answer, { status: 503, body: { code: 'unavailable' } })
    t.equal(answer.headers.get('retry-after'), '1')
    t.match(answer.headers.get('strict-transport-security'), /max-age/)
  })

  await t.test('passes on every event of a stream when it comes, over HTTP/2 and HTTP/1.1', async (t) => {
    let write: (text: string) => void = () => undefined
    const upstream = await startUpstream(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      write = (text) => void response.write(text)
      write(': hello\n\n')
    })
    const nginx = await startNginx(t, { edges: [upstream.port], certificate })
    const path = '/v1/sessions/s1/events'
    const session = connectHttp2(nginx.origin)
    t.teardown(() => session.destroy())
    let overHttp2 = ''
    session.request({ ':path': path }).on('data', (chunk) => {
      overHttp2 += chunk
    })
    await eventually(() => overHttp2 === ': hello\n\n')
    t.equal(session.alpnProtocol, 'h2')
    for (let index = 0; index < 5; index += 1) {
      write(`data: ${index}\n\n`)
      await eventually(() => overHttp2.endsWith(`data: ${index}\n\n`), { timeoutMs: 500 })
    }
    const response = await fetch(`${nginx.origin}${path}`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    t.match(await reader?.read(), { value: ': hello\n\n' })
    write('data: small\n\n')
    t.match(await reader?.read(), { value: 'data: small\n\n' })
    await reader?.cancel()
  })

  await t.test('speaks TLS 1.2 and 1.3 only', async (t) => {
    const nginx = await startNginx(t, { edges: [1], certificate })
    const port = nginx.port
    const offer = { port, servername: 'localhost', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const spoken = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string | null>((resolve) => {
        const socket = connectTls({ ...offer, maxVersion }, () => resolve(socket.getProtocol()))
        socket.on('error', () => resolve(null))
        t.teardown(() => socket.destroy())
      })
    t.equal(await spoken('TLSv1.3'), 'TLSv1.3')
    t.equal(await spoken('TLSv1.2'), 'TLSv1.2')
    t.equal(await spoken('TLSv1.1'), null)
  })
})
