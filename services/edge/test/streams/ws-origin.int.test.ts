import t from 'tap'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { exchangeRaw } from '../support/raw-http.ts'
import { createTestSession } from '../support/session.ts'

t.test(
  'a page of another origin gets no WebSocket, nor who may hide a request in it, and no token is taken from a URL',
  async (t) => {
    const edge = await startEdge(t)
    const session = createTestSession(edge.bus)
    createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    const { token } = await edge.player(session.sessionId, 'Ada')
    const port = Number(new URL(edge.url).port)

    const upgrade = (query: string, headers: Record<string, string>) =>
      exchangeRaw(
        port,
        [
          `GET /v1/sessions/${session.sessionId}/ws${query} HTTP/1.1`,
          'Host: edge.example',
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
          '\r\n',
        ].join('\r\n'),
      )
    const authorization = { Authorization: `Bearer ${token}` }
    t.match(await upgrade('', authorization), /^HTTP\/1\.1 101 /, 'an app')
    t.match(await upgrade('', { ...authorization, Origin: 'http://edge.example' }), /^HTTP\/1\.1 101 /, 'the same host')
    const foreign = await upgrade('', { ...authorization, Origin: 'https://evil.example' })
    t.match(foreign, /^HTTP\/1\.1 403 [\s\S]*x-content-type-options: nosniff[\s\S]*"code":"forbidden"/)
    for (const [name, value] of [
      ['Transfer-Encoding', 'identity'],
      ['Content-Length', '0\r\nContent-Length: 5'],
    ] as const) {
      const hidden = await upgrade('', { ...authorization, [name]: value })
      t.match(hidden, /^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*"code":"malformed"/, `${name}: ${value}`)
    }
    const inUrl = await upgrade(`?token=${token}`, {})
    t.match(inUrl, /^HTTP\/1\.1 400 [\s\S]*"code":"malformed"/)
    t.notMatch(inUrl, token)
  },
)
