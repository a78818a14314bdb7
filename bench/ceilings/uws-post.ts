import { App, us_socket_local_port } from 'uWebSockets.js'

/** Takes the body of a POST, answers 202 with a body of the size of an accepted answer, and nothing else. */

const ANSWER = JSON.stringify({
  answerId: '01890000-0000-7000-8000-000000000000',
  questionId: '01890000-0000-7000-8000-000000000000',
  receivedAt: 1_700_000_000_000,
})

const app = App()
app.post('/*', (res) => {
  res.onAborted(() => undefined)
  res.onData((_, isLast) => {
    if (!isLast) return
    res.cork(() => res.writeStatus('202 Accepted').writeHeader('content-type', 'application/json').end(ANSWER))
  })
})

process.on('disconnect', () => process.exit())
app.listen('127.0.0.1', 0, (socket) => {
  if (socket === false) throw new Error('cannot listen')
  process.send?.({ port: us_socket_local_port(socket) })
})
