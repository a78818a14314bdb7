import { App, type HttpResponse, us_socket_local_port, type WebSocket } from 'uWebSockets.js'

/**
 * The ceiling: a uWebSockets.js server that writes the same bytes to all clients, in slices as the edge does, and nothing else.
 * A process of its own.
 */

/** As in the edge's `streams/fan-out.ts`. */
const SLICE = 125

const sockets = new Set<WebSocket<unknown>>()
const responses = new Set<HttpResponse>()
const HELLO = Buffer.from('hello')

const app = App()
app.ws('/raw/ws', {
  maxBackpressure: 1024 * 1024,
  open: (ws) => {
    sockets.add(ws)
    ws.send(HELLO)
  },
  close: (ws) => void sockets.delete(ws),
})
app.get('/raw/events', (res) => {
  res.onAborted(() => void responses.delete(res))
  res.cork(() => {
    res.writeStatus('200 OK').writeHeader('content-type', 'text/event-stream').write(HELLO)
  })
  responses.add(res)
})

const inSlices = <T>(clients: readonly T[], write: (client: T) => void): void => {
  for (const client of clients.slice(0, SLICE)) write(client)
  if (clients.length > SLICE) setImmediate(() => inSlices(clients.slice(SLICE), write))
}

let timer: NodeJS.Timeout | undefined
process.on(
  'message',
  ({ protocol, everyMs, bytes }: { protocol: 'ws' | 'sse' | 'none'; everyMs: number; bytes: number }) => {
    clearInterval(timer)
    if (protocol === 'none') return
    const payload = Buffer.alloc(bytes, 'x')
    payload.write('"leaderboard.updated"')
    timer = setInterval(() => {
      if (protocol === 'ws') inSlices([...sockets], (ws) => void ws.send(payload))
      else inSlices([...responses], (res) => void res.cork(() => void res.write(payload)))
    }, everyMs)
  },
)
process.on('disconnect', () => process.exit(0))

app.listen('127.0.0.1', 0, (socket) => {
  if (socket === false) throw new Error('cannot listen')
  process.send?.({ port: us_socket_local_port(socket) })
})
