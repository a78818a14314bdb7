import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { PodiumError } from '#platform/errors'
import { createLogger } from '#platform/logger'
import { createHttp } from '../../../platform/test/support/http.ts'
import { noContent, ok } from '../../http/reply.ts'
import { readJson } from '../../http/request.ts'
import type { Route } from '../../http/router.ts'
import { type HttpServer, startHttpServer } from '../../http/server.ts'
import { exchangeRaw } from '../support/raw-http.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const echo: Route = {
  method: 'POST',
  path: '/echo',
  maxBodyBytes: 1_000,
  handle: (request, body) => ok({ got: readJson(request, body, (value) => value), length: body.length }),
}

const start = async (t: Test, routes: readonly Route[]): Promise<HttpServer> => {
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, routes, sockets: [], logger })
  t.teardown(() => server.close())
  return server
}

t.test('the HTTP server', async (t) => {
  const { port } = await start(t, [
    echo,
    { method: 'GET', path: '/thing', handle: () => ok({ a: 1 }) },
    { method: 'GET', path: '/none', handle: noContent },
    { method: 'GET', path: '/bug', handle: () => Promise.reject(new Error('a secret')) },
    {
      method: 'GET',
      path: '/throw',
      handle: () => {
        throw new PodiumError('wrong-state')
      },
    },
  ])
  const http = createHttp(`http://127.0.0.1:${port}`)

  await t.test('answers JSON that must not be cached', async (t) => {
    const { status, headers, body } = await http('GET', '/thing?x=1')
    t.equal(status, 200)
    t.same(body, { a: 1 })
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(headers.get('cache-control'), 'no-store')
  })

  await t.test('says 204 with nothing behind it, and the connection stays open', async (t) => {
    const get = 'GET /none HTTP/1.1\r\nHost: x\r\n\r\n'
    const answers = await exchangeRaw(port, get + get)
    t.equal(answers.match(/^HTTP\/1\.1 204 /gm)?.length, 2)
    t.notMatch(answers, /content-length/i)
  })

  await t.test(
    'closes the connection after a body whose length is said twice, or in another way than HTTP has',
    async (t) => {
      const odd = [
        ['Content-Length: 2', 'Content-Length: 2'],
        ['Content-Length: 2', 'Content-Length: 40'],
        ['Content-Length: '],
        ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: gzip, chunked'],
        ['Transfer-Encoding: identity'],
      ]
      for (const lines of odd) {
        const head = ['POST /echo HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...lines, '', ''].join('\r\n')
        const answer = await exchangeRaw(port, head + (lines[0]?.startsWith('T') ? '0\r\n\r\n' : '{}'))
        t.match(answer, /^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*malformed/i, lines.join(', '))
        t.equal(answer.match(/HTTP\/1\.1/g)?.length, 1, 'nothing that follows is answered')
      }
    },
  )

  await t.test('says 404 to an unknown path and 405 with Allow to another method', async (t) => {
    t.match(await http('GET', '/nothing'), { status: 404, body: { code: 'not-found', instance: '/nothing' } })
    const wrong = await http('PUT', '/echo', { body: {} })
    t.match(wrong, { status: 405, body: { code: 'method-not-allowed' } })
    t.equal(wrong.headers.get('allow'), 'POST')
    t.equal(wrong.headers.get('cache-control'), 'no-store')
    const head = await exchangeRaw(port, 'HEAD /thing HTTP/1.1\r\nHost: x\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 200 [\s\S]*content-length: 7\r\n/i)
    t.match(head, /\r\n\r\n$/, 'without a body')
    t.match(await exchangeRaw(port, 'HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 405 [\s\S]*\r\n\r\n$/)
    const invented = await exchangeRaw(port, 'BREW /thing HTTP/1.1\r\nHost: x\r\n\r\n')
    t.match(invented, /^HTTP\/1\.1 405 /)
  })

  await t.test('says 500 with its fixed text when something breaks', async (t) => {
    const { status, body } = await http('GET', '/bug')
    t.match({ status, code: body.code }, { status: 500, code: 'internal' })
    t.notMatch(JSON.stringify(body), /secret/)
    t.match(await http('GET', '/throw'), { status: 409, body: { code: 'wrong-state' } })
  })

  await t.test('takes the trace of the caller, or makes one up', async (t) => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traced = await http('GET', '/x', { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } })
    t.equal(traced.body.traceId, trace)
    for (const traceparent of [
      '00-0-0-0',
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `ff-${trace}-00f067aa0ba902b7-01`,
    ]) {
      const { body } = await http('GET', '/x', { headers: { traceparent } })
      t.match(body.traceId, /^[0-9a-f]{32}$/)
      t.not(body.traceId, trace)
    }
  })

  await t.test('reads bodies of the right type only', async (t) => {
    t.match(await http('POST', '/echo', { body: { x: 'ü' } }), { status: 200, body: { got: { x: 'ü' } } })
    const typed = { 'content-type': 'Application/JSON; charset=utf-8' }
    t.match(await http('POST', '/echo', { body: '[1]', headers: typed }), { status: 200 })
    for (const type of ['text/plain', 'application/jsonx', 'application/x-www-form-urlencoded']) {
      const refused = await http('POST', '/echo', { body: '{}', headers: { 'content-type': type } })
      t.match(refused, { status: 415, body: { code: 'unsupported-media-type' } })
    }
    const untyped = await exchangeRaw(port, 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    t.match(untyped, /^HTTP\/1\.1 415 /)
  })

  await t.test('says 400 to what is not JSON, not UTF-8, or half a character', async (t) => {
    for (const body of [
      '',
      '{',
      '{"a":}',
      'x',
      `${'['.repeat(500)}`,
      '"\\ud800"',
      '{"a":"x\\uDC00y"}',
      '"\\ud83d\\ud83d\\ude00"',
    ]) {
      t.match(await http('POST', '/echo', { body }), { status: 400, body: { code: 'malformed' } }, body.slice(0, 20))
    }
    for (const body of ['"\\ud83d\\ude00"', '"\\\\ud800"', '"\\u00fc"']) {
      t.match(await http('POST', '/echo', { body }), { status: 200 }, body)
    }
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n'
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0x22])])
    t.match(await exchangeRaw(port, bytes), /^HTTP\/1\.1 400 [\s\S]*malformed/)
  })

  await t.test('says 413 to a body that is too large, announced or not, and the connection stays open', async (t) => {
    const large = await http('POST', '/echo', { body: JSON.stringify('x'.repeat(5_000)) })
    t.match(large, { status: 413, body: { code: 'too-large' } })
    t.match(await http('POST', '/echo', { body: JSON.stringify('x'.repeat(998)) }), { status: 200 })
    t.match(await http('POST', '/echo', { body: JSON.stringify('x'.repeat(999)) }), { status: 413 })
    t.match(await http('POST', '/echo', { body: JSON.stringify('x'.repeat(3_000_000)) }), { status: 413 }, '3 MB')
    const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
    const head =
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    t.match(await exchangeRaw(port, `${head}${chunk(600).repeat(3)}0\r\n\r\n`), /^HTTP\/1\.1 413 /)
  })

  await t.test('does not swallow a body without end', async (t) => {
    const chunked = 'Host: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const endless = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n'
    for (const head of [
      `POST /echo HTTP/1.1\r\n${chunked}`,
      `POST /echo HTTP/1.1\r\n${endless}`,
      `GET /thing HTTP/1.1\r\n${endless}`,
      `POST /nothing HTTP/1.1\r\n${chunked}`,
    ]) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      let sent = 0
      const piece = `1000\r\n${'x'.repeat(4_096)}\r\n`
      socket.write(head)
      const timer = setInterval(() => {
        if (socket.writable) socket.write(piece.repeat(16))
        sent += 1
      }, 1)
      await new Promise((resolve) => socket.once('close', resolve))
      clearInterval(timer)
      t.ok(sent < 2_000, `closed after ${sent} pieces`)
    }
  })

  await t.test('puts a body together from pieces', async (t) => {
    const text = JSON.stringify('y'.repeat(900))
    const head = `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', async () => {
        socket.setNoDelay()
        for (let at = 0; at < head.length + text.length; at += 100) {
          socket.write((head + text).slice(at, at + 100))
          await new Promise((next) => setTimeout(next, 5))
        }
      })
      socket.once('data', (data) => {
        socket.destroy()
        resolve(data.toString())
      })
      socket.once('error', reject)
    })
    t.match(answer, /^HTTP\/1\.1 200 [\s\S]*"length":902/)
  })

  await t.test('never lets text of a request into a header', async (t) => {
    for (const path of ['/%0d%0aset-cookie:%20a=b', '/x%00', '/%0D%0A%0D%0A<script>', '/a\tb']) {
      const answer = await exchangeRaw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      const [head = '', body = ''] = answer.split('\r\n\r\n')
      t.notMatch(head, /set-cookie|script/i)
      if (/^HTTP\/1\.1 404/.test(head)) t.equal(JSON.parse(body).instance, path)
    }
  })

  await t.test('survives requests that are no HTTP', async (t) => {
    const bad = [
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\n{}',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n{}',
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      `GET /thing HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`,
      'GET /thing\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
    ]
    for (const bytes of bad)
      t.notMatch(await exchangeRaw(port, bytes), /^HTTP\/1\.1 200/, JSON.stringify(bytes.slice(0, 90)))
    t.match(await http('GET', '/thing'), { status: 200 })
  })

  await t.test('forgets a client that disconnects before the response', async (t) => {
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"'
    for (let n = 0; n < 20; n++) await exchangeRaw(port, head, 5)
    t.match(await http('GET', '/thing'), { status: 200 })
  })
})

t.test('draining', async (t) => {
  const gate = Promise.withResolvers<void>()
  const server = await start(t, [
    {
      method: 'GET',
      path: '/slow',
      handle: async () => {
        await gate.promise
        return ok({ done: true })
      },
    },
    { method: 'GET', path: '/fast', handle: () => ok({}) },
  ])
  const http = createHttp(`http://127.0.0.1:${server.port}`)
  const socket = connect(server.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let kept = ''
  socket.on('data', (data) => {
    kept += data
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  const slow = http('GET', '/slow')
  await http('GET', '/fast')
  const drained = server.drain()

  await t.test('new requests on old connections get 503', async (t) => {
    socket.write('GET /fast HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    t.match(kept, /^HTTP\/1\.1 503 /)
    t.match(kept, /retry-after: 1/)
    t.match(kept, /connection: close/i)
  })
  await t.test('new connections are refused', (t) =>
    t.rejects(exchangeRaw(server.port, 'GET /fast HTTP/1.1\r\n\r\n'), { code: 'ECONNREFUSED' }),
  )
  await t.test('what is under way is answered first', async (t) => {
    gate.resolve()
    t.match(await slow, { status: 200, body: { done: true } })
    await drained
  })
})

t.test('a port in use by something else is an error', async (t) => {
  const { createServer } = await import('node:net')
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  await t.rejects(startHttpServer({ host: '127.0.0.1', port, routes: [], sockets: [], logger }), /cannot listen/)
})
