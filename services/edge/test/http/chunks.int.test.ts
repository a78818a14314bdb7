import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createLogger } from '#platform/logger'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { csv, type Reply } from '../../http/reply.ts'
import { startHttpServer } from '../../http/server.ts'
import { exchangeRaw } from '../support/raw-http.ts'

const MIB = 1024 * 1024
const CHUNKS = 32
/** What the sockets of both sides hold of a connection on one machine, and a chunk in memory, with room to spare. */
const MOST_HELD = 16 * MIB

const chunk = (index: number): string => `${index},`.padEnd(MIB, 'ü'.repeat(9)).slice(0, MIB / 2)
const WHOLE = Array.from({ length: CHUNKS }, (_, index) => chunk(index)).join('')

type WriteBody = NonNullable<Reply['writeBody']>

t.test('a body in chunks', async (t) => {
  let written = 0
  let ended = ''
  let writeBody: WriteBody = async () => undefined
  const route = { method: 'GET', path: '/table', handle: () => csv((write) => writeBody(write)) } as const
  const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, routes: [route], sockets: [], logger })
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${server.port}`
  const http = createHttp(url)

  const large: WriteBody = async (write) => {
    try {
      for (written = 0; written < CHUNKS; written += 1) await write(chunk(written))
      ended = 'whole'
    } catch (error) {
      ended = error instanceof PodiumError ? error.code : String(error)
      throw error
    }
  }
  const open = async (): Promise<[ClientRequest, IncomingMessage]> => {
    const request = get(`${url}/table`, { agent: false })
    const [response] = await once(request, 'response')
    return [request, response]
  }

  await t.test('is written as fast as its client reads, and whole', async (t) => {
    writeBody = large
    const [, response] = await open()
    const parts: Buffer[] = []
    let received = 0
    let mostHeld = 0
    for await (const part of response) {
      parts.push(part)
      received += part.length
      mostHeld = Math.max(mostHeld, (written * Buffer.byteLength(WHOLE)) / CHUNKS - received)
      await new Promise(setImmediate) // gives the server, in the same process, every chance to run ahead
    }
    t.ok(Buffer.concat(parts).toString() === WHOLE, `${received} bytes as written`)
    t.equal(ended, 'whole')
    t.ok(mostHeld < MOST_HELD, `${mostHeld} of ${received} bytes were ahead of the client`)
  })

  await t.test('ends when its client disconnects', async (t) => {
    writeBody = large
    const [request, response] = await open()
    response.on('error', () => undefined)
    await once(response, 'readable')
    request.destroy()
    await eventually(() => ended === 'unavailable')
    t.ok(written < CHUNKS, `after ${written} chunks`)
  })

  await t.test('is followed by other responses on the same connection', async (t) => {
    writeBody = (write) => write('a,b\r\n')
    const request = 'GET /table HTTP/1.1\r\nHost: x\r\n\r\n'
    const answers = await exchangeRaw(server.port, request + request)
    t.equal(
      answers.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*?text\/csv[\s\S]*?\r\na,b\r\n\r\n0\r\n\r\n/gm)?.length,
      2,
      answers,
    )
  })

  await t.test('that cannot begin is a problem', async (t) => {
    writeBody = () => Promise.reject(new PodiumError('not-found'))
    t.match(await http('GET', '/table'), { status: 404, body: { code: 'not-found' } })
    t.match(await exchangeRaw(server.port, 'HEAD /table HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 404 /)
  })

  await t.test('that breaks off closes the connection, without the end of a whole body', async (t) => {
    writeBody = async (write) => {
      await write('a,b\r\n')
      throw new Error('a secret')
    }
    const answer = await exchangeRaw(server.port, 'GET /table HTTP/1.1\r\nHost: x\r\n\r\n')
    t.notMatch(answer, /\r\n0\r\n\r\n$/)
    t.notMatch(answer, /secret/)
    await t.rejects(http('GET', '/table'))
  })

  await t.test('is left out after HEAD', async (t) => {
    writeBody = large
    const answer = await exchangeRaw(server.port, 'HEAD /table HTTP/1.1\r\nHost: x\r\n\r\n')
    t.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*text\/csv[\s\S]*\r\n\r\n$/)
    t.notMatch(answer, /content-length/i)
  })
})
