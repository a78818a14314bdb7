import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { newId } from '#platform/ids'
import { noCertificates, trustedCertificate } from '../../../platform/test/support/certificate.ts'
import { testFolder } from '../../../platform/test/support/folder.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createApp, tlsFiles } from '../../http/connections.ts'
import { serveRoster, startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

t.test('an edge with a certificate', { skip: noCertificates }, async (t) => {
  const tls = await trustedCertificate(t)
  const edge = await startEdge(t, { tls })
  await serveRoster(edge, [])
  const session = createTestSession(edge.bus)
  await session.publish({ case: 'sessionCreated', value: {} }, { status: 'question_closed' })
  const ada = await edge.player(session.sessionId, 'Ada')

  await t.test('takes answers over HTTPS, and tells of them over SSE and WebSocket', async (t) => {
    const sse = await edge.sse(session.sessionId, ada.token)
    // One in ten of the first upgrades of a process went wrong once, so there are some.
    const openSocket = async (index: number) =>
      edge.ws(session.sessionId, (await edge.player(session.sessionId, `Player ${index}`)).token)
    const sockets = await Promise.all(Array.from({ length: 20 }, (_, index) => openSocket(index)))
    await sse.next('session.snapshot')
    for (const socket of sockets) await socket.next('session.snapshot')
    await session.open(0)
    for (const stream of [sse, ...sockets]) await stream.next('question.opened')
    const http = createHttp(edge.url)
    const answer = { answerId: newId(), questionId: session.questionIds[0], choice: 0 }
    const path = `/v1/sessions/${session.sessionId}/answers`
    t.match(await http('POST', path, { token: ada.token, body: answer }), { status: 202 })
    t.match(await http('POST', path, { token: ada.token, body: { ...answer, score: 1 } }), { status: 400 })
  })

  await t.test('speaks TLS 1.2 or newer, and nothing else on that port', async (t) => {
    const { port } = new URL(edge.url)
    const spoken = (maxVersion: 'TLSv1.3' | 'TLSv1.1') =>
      new Promise<string | null>((resolve) => {
        const socket = connect({ port: Number(port), minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' })
        socket.on('secureConnect', () => resolve(socket.getProtocol()))
        socket.on('error', () => resolve(null))
        t.teardown(() => socket.destroy())
      })
    t.equal(await spoken('TLSv1.3'), 'TLSv1.3')
    t.equal(await spoken('TLSv1.1'), null)
    await t.rejects(fetch(edge.url.replace('https', 'http')))
  })
})

t.test('files that are no certificate and its key are refused with a reason', { skip: noCertificates }, async (t) => {
  const [one, other] = [await trustedCertificate(t), await trustedCertificate(t)]
  t.throws(() => createApp({ ...one, keyFile: other.keyFile }), /is not the key of the certificate/)
  t.throws(() => createApp({ ...one, certFile: '/nowhere' }), /ENOENT/)
  const empty = join(await testFolder(t), 'empty.pem')
  await writeFile(empty, '')
  t.throws(() => createApp({ ...one, certFile: empty }))
  t.throws(() => tlsFiles(one.certFile, ''), /EDGE_TLS_KEY_FILE/)
  t.equal(tlsFiles('', ''), undefined)
})
