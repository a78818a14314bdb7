import t from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import { faultyWebSocket } from '../playground/network.ts'

class Socket {
  static last: Socket
  onopen = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onerror = null
  onclose = null
  constructor() {
    Socket.last = this
  }
  send(): void {}
  close(): void {}
}

t.test('messages are lost, doubled and late, and stay in order', async (t) => {
  const faults = { delayMs: 0, lose: 1, twice: false }
  const lost: string[] = []
  const Faulty = faultyWebSocket(Socket as never, faults, (text, fate) => fate === 'is lost' && lost.push(text))
  const received: string[] = []
  const socket = new Faulty('ws://edge.test', [])
  socket.onmessage = ({ data }) => received.push(String(data))
  const send = (data: string) => Socket.last.onmessage?.({ data })
  send('a')
  faults.delayMs = 5
  send('b')
  Object.assign(faults, { delayMs: 0, twice: true })
  send('c')
  await eventually(() => received.length === 3, { what: 'two messages came, one of them twice' })
  t.same(received, ['b', 'c', 'c'])
  t.same(lost, ['a'])
})
