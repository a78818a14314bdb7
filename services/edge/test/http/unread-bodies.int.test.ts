import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { newId } from '#platform/ids'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { startEdge } from '../support/edge.ts'
import { serve } from '../support/session.ts'

const MIB = 1024 * 1024

/** Begins a request and leaves its body unfinished. */
const begin = (t: Test, port: number, path: string, token: string | undefined, length: number, sent: number) => {
  const socket: Socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  socket.on('error', () => undefined) // the edge may close while we still write
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${authorization}Content-Length: ${length}\r\n\r\n`,
  )
  socket.write(Buffer.alloc(sent, 0x20))
  return { answer: () => answer, statusOf: () => eventually(() => /^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]) }
}

t.test('bodies of strangers take no room from those who are known', async (t) => {
  const edge = await startEdge(t)
  serve(edge.nats, 'quiz-import', () => ({ case: 'importQuiz', value: { quizId: newId(), imported: 1, skipped: [] } }))
  const http = createHttp(edge.url)
  const path = '/v1/quizzes/import'
  const host = await edge.issuer.token({ sub: 'host', roles: ['host'] })
  const player = await edge.playerToken({ sub: newId(), sid: newId() })
  const large = { format: 'csv', title: 'x', content: 'x'.repeat(4 * MIB - 1_000) }

  await t.test('a long one without a good token is refused before it has come', async (t) => {
    const none = begin(t, edge.port, path, undefined, 4 * MIB, 0)
    const bad = begin(t, edge.port, path, 'bad', 4 * MIB, 0)
    const wrong = begin(t, edge.port, path, player, 4 * MIB, 0)
    t.same([await none.statusOf(), await bad.statusOf(), await wrong.statusOf()], ['401', '401', '403'])
    t.match(none.answer(), /www-authenticate: Bearer/)
    t.match(await http('POST', path, { body: large }), { status: 401, body: { code: 'unauthorized' } })
  })

  await t.test('a short one in pieces is refused with its first piece', async (t) => {
    const none = begin(t, edge.port, path, undefined, 10_000, 10)
    t.equal(await none.statusOf(), '401')
  })

  await t.test('a good one that comes in pieces is read, whether its token is known yet or not', async (t) => {
    for (let n = 0; n < 2; n++) t.match(await http('POST', path, { token: host, body: large }), { status: 201 })
  })

  await t.test('eighty megabytes from unverified senders are not kept, and hosts are served', async (t) => {
    const strangers = Array.from({ length: 20 }, () => begin(t, edge.port, path, undefined, 4 * MIB, 4 * MIB - 1))
    for (const stranger of strangers) t.equal(await stranger.statusOf(), '401')
    t.match(await http('POST', path, { token: host, body: large }), { status: 201 })
  })

  await t.test('guests may fill what guests have', async (t) => {
    const guests = Array.from({ length: 40 }, () =>
      begin(t, edge.port, '/v1/sessions/ABC234/join', undefined, 256 * 1024, 256 * 1024 - 1),
    )
    await eventually(() => guests.some(({ answer }) => answer().startsWith('HTTP/1.1 503 ')))
    t.match(await http('POST', path, { token: host, body: large }), { status: 201 })
  })

  await t.test('and known senders what they have, which is free again when they go', async (t) => {
    const token = await edge.issuer.token({ sub: 'greedy', roles: ['host'] })
    const greedy = Array.from({ length: 18 }, () => begin(t, edge.port, path, token, 4 * MIB, 4 * MIB - 1))
    await eventually(() => greedy.some(({ answer }) => answer().startsWith('HTTP/1.1 503 ')))
    await eventually(async () => (await http('POST', path, { token: host, body: large })).status === 201, {
      timeoutMs: 20_000,
    })
  })
})
