import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import t from 'tap'
import { createClient } from '#client'
import { newId } from '#platform/ids'
import { quizOf, rightChoice, waitUntil } from '../../client/testing/game.ts'
import { trustedCertificate } from '../../platform/test/support/certificate.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { noNginx, startNginx } from './support/nginx.ts'
import { startPodium, TWO_OF_EACH } from './support/podium.ts'

/** One exchange over HTTP/2. */
const exchange = (session: ClientHttp2Session, path: string, token: string, body: unknown) =>
  new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const request = session.request({ ':method': 'POST', ':path': path, ...headers })
    let status = 0
    let text = ''
    request.on('response', (head) => {
      status = Number(head[':status'])
    })
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => resolve({ status, body: JSON.parse(text) }))
    request.on('error', reject)
    request.end(JSON.stringify(body))
  })

t.test('a game behind nginx, over TLS', { skip: noNginx }, async (t) => {
  const podium = await startPodium(t, { copies: TWO_OF_EACH, env: { TRUSTED_PROXIES: '127.0.0.1' } })
  const certificate = await trustedCertificate(t)
  const nginx = await startNginx(t, { edges: [Number(new URL(podium.edgeUrl).port)], certificate })
  const clientOf = async (name: string, roles: readonly string[] = []) =>
    createClient({ baseUrl: nginx.origin, token: await podium.token(name, roles) })

  const host = await clientOf('Host', ['host'])
  const { quizId } = await host.createQuiz(quizOf(2))
  const settings = { startDelaySeconds: 0, revealSeconds: 0.3, timeLimitSeconds: 20 }
  const { sessionId, joinCode } = await host.createSession({ quizId, settings })

  // One over WebSocket, one over SSE by HTTP/1.1, one by hand over HTTP/2.
  const ada = await (await clientOf('Ada')).join(joinCode, { transport: 'ws' })
  const grace = await (await clientOf('Grace')).join(joinCode, { transport: 'sse' })
  for (const player of [ada, grace]) {
    podium.closeAtEnd(player)
    podium.judge(player)
    await player.connect()
  }
  const session = connectHttp2(nginx.origin)
  session.on('error', () => undefined) // nginx goes first
  t.teardown(() => session.destroy())
  const joined = await exchange(session, `/v1/sessions/${joinCode}/join`, await podium.token('Linus'), {})
  t.match(joined, { status: 200, body: { sessionId, token: String } })
  const linusToken = String(joined.body.token)
  let linus = ''
  session
    .request({ ':path': `/v1/sessions/${sessionId}/events`, authorization: `Bearer ${linusToken}` })
    .on('data', (chunk) => {
      linus += chunk
    })
  await eventually(() => linus.includes('event: session.snapshot') || linus.includes('event:session.snapshot'))
  t.equal(session.alpnProtocol, 'h2')

  const opened = [ada, grace].map((player) => player.next('question.opened'))
  await host.control(sessionId, 'start')
  const [question] = (await Promise.all(opened)).map(({ data }) => data)
  t.ok(question)
  await eventually(() => linus.includes('question.opened'), { timeoutMs: 1_000 })
  await waitUntil(question?.opensAt ?? 0)

  const questionId = question?.questionId ?? ''
  const scored = [ada, grace].map((player) => player.next('score.updated'))
  await ada.answer(questionId, { choice: rightChoice(0) })
  await grace.answer(questionId, { choice: rightChoice(0) })
  const answer = { answerId: newId(), questionId, choice: rightChoice(0) }
  const path = `/v1/sessions/${sessionId}/answers`
  t.match(await exchange(session, path, linusToken, answer), { status: 202 })
  t.match(await exchange(session, path, linusToken, answer), { status: 202 }, 'sent again')
  await Promise.all(scored)
  for (const type of ['score.updated', 'leaderboard.updated', 'question.closed']) {
    await eventually(() => linus.includes(type), { what: type })
  }
  await host.control(sessionId, 'end')
  await eventually(() => linus.includes('session.finished'))
  t.same(await podium.differences(sessionId), [])
})
