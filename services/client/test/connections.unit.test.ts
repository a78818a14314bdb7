import uws from 'uWebSockets.js'
import t, { type Test } from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createClient } from '../src/index.ts'

const snapshot = { now: 1_000, leaderboard: { version: 1, playerCount: 0, top: [] }, title: 'Ünïcode ✓' }

/** An edge in miniature on a free port: as much of the protocol as the transports need. */
const miniature = async (t: Test) => {
  const seen = {
    protocols: [] as string[],
    messages: [] as { type: string; data?: unknown }[],
    sseIds: [] as string[],
    tokens: [] as string[],
  }
  const sockets: uws.WebSocket<unknown>[] = []
  const streams: uws.HttpResponse[] = []
  const app = uws.App()
  app.ws('/v1/sessions/:id/ws', {
    upgrade: (res, req, context) => {
      seen.protocols.push(req.getHeader('sec-websocket-protocol'))
      if (req.getHeader('sec-websocket-protocol').includes('bearer.bad')) {
        res.writeStatus('401 Unauthorized').end()
        return
      }
      const [key, extensions] = [req.getHeader('sec-websocket-key'), req.getHeader('sec-websocket-extensions')]
      res.upgrade({}, key, 'podium.v1', extensions, context)
    },
    open: (ws) => {
      sockets.push(ws)
      ws.send(JSON.stringify({ type: 'session.snapshot', id: '5', data: snapshot }))
    },
    message: (ws, bytes) => {
      const message = JSON.parse(Buffer.from(bytes).toString())
      seen.messages.push(message)
      if (message.type === 'answer') {
        ws.send(JSON.stringify({ type: 'answer.accepted', ref: message.ref, data: { ...message.data, receivedAt: 3 } }))
      }
    },
    close: (ws) => void sockets.splice(sockets.indexOf(ws), 1),
  })
  app.get('/v1/sessions/:id/events', (res, req) => {
    seen.sseIds.push(req.getHeader('last-event-id'))
    seen.tokens.push(req.getHeader('authorization'))
    if (req.getHeader('authorization') === 'Bearer bad') {
      res.writeStatus('401 Unauthorized').end(JSON.stringify({ code: 'unauthorized', status: 401 }))
      return
    }
    res.onAborted(() => void streams.splice(streams.indexOf(res), 1))
    streams.push(res)
    const text = Buffer.from(`:ok\n\nid: 5\nevent: session.snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`)
    // In two pieces, cut inside a character.
    const cut = text.indexOf(0xc3) + 1
    res.writeStatus('200 OK').writeHeader('content-type', 'text/event-stream').write(text.subarray(0, cut))
    setImmediate(() => res.cork(() => res.write(text.subarray(cut))))
  })
  app.any('/*', (res) => {
    res.writeStatus('401 Unauthorized').writeHeader('content-type', 'application/problem+json')
    res.end(JSON.stringify({ code: 'unauthorized', status: 401 }))
  })
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => resolve(uws.us_socket_local_port(socket as uws.us_listen_socket)))
  })
  t.teardown(() => app.close())
  return { baseUrl: `http://127.0.0.1:${port}`, seen, sockets, streams }
}

const credentials = { sessionId: 's', playerId: 'p', token: 'good', nickname: 'Mia' }
const backoff = { baseMs: 10, maxMs: 20 }

t.test('WebSocket: token as subprotocol, answers by ref, resume after a loss, no return after 4503', async (t) => {
  const { baseUrl, seen, sockets } = await miniature(t)
  const player = createClient({ baseUrl }).player(credentials, { transport: 'ws', backoff })
  t.match(await player.connect(), snapshot)
  t.strictSame(seen.protocols, ['podium.v1, bearer.good'])
  t.match(await player.answer('q', { choice: 1 }), { questionId: 'q', receivedAt: 3 })
  const again = player.next('session.snapshot')
  player.drop()
  await again
  const types = () => seen.messages.map(({ type }) => type)
  await eventually(() => types().includes('resume'), { what: 'the client asks to resume' })
  t.equal(types()[0], 'time', 'the first message of a fresh connection')
  t.match(
    seen.messages.find(({ type }) => type === 'resume'),
    { data: { lastEventId: '5' } },
  )
  const drained = player.next('session.snapshot')
  sockets.at(-1)?.end(4412, JSON.stringify({ retryAfterMs: 30 }))
  await drained
  sockets.at(-1)?.end(4503, 'removed')
  t.match(await player.ended, { code: 'player-removed' })
})

t.test('WebSocket: an upgrade refused for good is explained by a plain request and not repeated', async (t) => {
  const { baseUrl, seen } = await miniature(t)
  const player = createClient({ baseUrl }).player({ ...credentials, token: 'bad' }, { transport: 'ws', backoff })
  await t.rejects(player.connect(), { code: 'unauthorized', status: 401 })
  t.equal(seen.protocols.length, 1)
})

t.test('SSE: token in a header, characters cut in two, Last-Event-ID after a loss, no return after 401', async (t) => {
  const { baseUrl, seen, streams } = await miniature(t)
  const player = createClient({ baseUrl }).player(credentials, { transport: 'sse', backoff })
  t.match(await player.connect(), snapshot)
  const again = player.next('session.snapshot')
  streams.at(-1)?.cork(() => streams.at(-1)?.end())
  await again
  t.strictSame(seen.sseIds, ['', '5'])
  t.strictSame(seen.tokens, ['Bearer good', 'Bearer good'])
  player.close()
  t.equal(await player.ended, undefined)
  const stranger = createClient({ baseUrl }).player({ ...credentials, token: 'bad' }, { transport: 'sse' })
  await t.rejects(stranger.connect(), { code: 'unauthorized' })
})

t.test('without a server the stream keeps trying until it is closed', async (t) => {
  for (const transport of ['ws', 'sse'] as const) {
    const player = createClient({ baseUrl: 'http://127.0.0.1:9' }).player(credentials, { transport, backoff })
    const connected = player.connect()
    await new Promise<void>((resolve) => {
      player.onStatus((status) => {
        if (status === 'waiting' && player.reconnects > 1) resolve()
      })
    })
    player.close()
    await t.rejects(connected, { code: 'client-closed' })
  }
})
