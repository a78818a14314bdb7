import { setTimeout as sleep } from 'node:timers/promises'
import { frame, OPCODES } from '../raw-websocket.ts'
import { attacksOf } from './attack.ts'
import { connect, fate, say, TIME } from './socket.ts'

const text = (payload: string | Uint8Array, fin = true) => frame({ opcode: OPCODES.text, payload, fin })
const continuation = (payload: string | Uint8Array, fin = true) => frame({ opcode: OPCODES.continuation, payload, fin })
const EURO = Buffer.from('€')

export const frameAttacks = attacksOf('WebSocket frames', [
  [
    'fifty messages without a mask',
    'close 1006',
    (target) => say(target, ...Array.from({ length: 50 }, () => frame({ opcode: 1, payload: TIME, mask: null }))),
  ],
  ['reserved opcode 3', 'close 1006', (target) => say(target, frame({ opcode: 3 }))],
  ['reserved opcode 7', 'close 1006', (target) => say(target, frame({ opcode: 7, payload: 'x' }))],
  ['reserved opcode 11', 'close 1006', (target) => say(target, frame({ opcode: 11 }))],
  ['reserved bits', 'close 1006', (target) => say(target, frame({ opcode: 1, rsv: 4, payload: TIME }))],
  ['length of 2^63', 'close 1006', (target) => say(target, frame({ opcode: 1, payload: 'x', length: 2n ** 63n }))],
  [
    'length of 2^64 - 1',
    'close 1006',
    (target) => say(target, frame({ opcode: 1, payload: 'x', length: 2n ** 64n - 1n })),
  ],
  ['a message of 5,000 bytes', 'close 1006', (target) => say(target, text('x'.repeat(5_000)))],
  [
    'endless fragments',
    'close 1006',
    async (target) => {
      const socket = await connect(target)
      socket.sendFrame(text('x'.repeat(100), false))
      for (let count = 0; count < 200 && !socket.connection.isClosed(); count++) {
        socket.sendFrame(continuation('x'.repeat(100), false))
        await sleep(1)
      }
      return fate(socket)
    },
  ],
  [
    'endless empty fragments',
    'stays open',
    async (target) => {
      const socket = await connect(target)
      socket.sendFrame(
        Buffer.concat([text('', false), ...Array.from({ length: 5_000 }, () => continuation('', false))]),
      )
      socket.sendFrame(continuation('x'))
      return fate(socket)
    },
  ],
  ['a message in the middle of another', 'close 1006', (target) => say(target, text('{"type":', false), text(TIME))],
  ['a continuation of nothing', 'close 1006', (target) => say(target, continuation('x'))],
  ['bad UTF-8', 'close 1006', (target) => say(target, text(Buffer.from([0x22, 0xff, 0x22])))],
  [
    'bad UTF-8 in two fragments',
    'close 1006',
    (target) => say(target, text(EURO.subarray(0, 2), false), continuation(EURO.subarray(0, 2))),
  ],
  [
    'good UTF-8 cut in the middle of a character',
    'stays open',
    (target) =>
      say(target, text(Buffer.concat([Buffer.from('"'), EURO.subarray(0, 1)]), false), continuation(EURO.subarray(1))),
  ],
  ['a ping in fragments', 'close 1006', (target) => say(target, frame({ opcode: OPCODES.ping, fin: false }))],
  [
    'a ping of 126 bytes',
    'close 1006',
    (target) => say(target, frame({ opcode: OPCODES.ping, payload: 'x'.repeat(126) })),
  ],
  [
    '5,000 pings at once',
    'stays open',
    async (target) => {
      const socket = await connect(target)
      socket.sendFrame(
        Buffer.concat(Array.from({ length: 5_000 }, () => frame({ opcode: OPCODES.ping, payload: 'x' }))),
      )
      return fate(socket)
    },
  ],
  ['an unsolicited pong', 'stays open', (target) => say(target, frame({ opcode: OPCODES.pong, payload: 'x' }))],
  ['a close code of one byte', 'close 1005', (target) => say(target, frame({ opcode: OPCODES.close, payload: 'x' }))],
  [
    'close code 999',
    'close 1005',
    (target) => say(target, frame({ opcode: OPCODES.close, payload: Buffer.from([3, 231]) })),
  ],
  [
    'a close reason of bad UTF-8',
    'close 1005',
    (target) => say(target, frame({ opcode: OPCODES.close, payload: Buffer.from([3, 232, 0xff]) })),
  ],
  [
    'frames after the close',
    'close 1000',
    (target) => say(target, frame({ opcode: OPCODES.close, payload: Buffer.from([3, 232]) }), text(TIME)),
  ],
  [
    'a binary message',
    'stays open',
    (target) => say(target, frame({ opcode: OPCODES.binary, payload: Buffer.from([1, 2, 3]) })),
  ],
  [
    'HTTP on an open WebSocket',
    'close 1006',
    (target) => say(target, Buffer.from('GET / HTTP/1.1\r\nHost: podium\r\n\r\n')),
  ],
])
