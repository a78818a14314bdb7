import { setTimeout as sleep } from 'node:timers/promises'
import { openRaw } from '../raw-connection.ts'
import { frame, OPCODES, openWebSocket, type RawWebSocket, textFrame, upgradeRequest } from '../raw-websocket.ts'
import type { Target } from '../target.ts'
import { attacksOf, describe, openGame } from './attack.ts'

/** A WebSocket of a player of the open game. */
const connect = async (target: Target): Promise<RawWebSocket> => {
  const { game } = await openGame(target)
  const { token } = await game.join()
  return openWebSocket({ port: target.port, path: `/v1/sessions/${game.sessionId}/ws`, token })
}

/** How a connection ends, or that it lives: it still answers. */
const fate = async (socket: RawWebSocket, waitMs = 1_000): Promise<string> => {
  const ended = await Promise.race([socket.closed, sleep(waitMs, 'open' as const)])
  if (ended !== 'open') return `close ${ended}`
  socket.sendFrame(textFrame('{"type":"time","ref":"last"}'))
  const answered = Promise.withResolvers<string>()
  socket.onMessage = ({ ref }) => {
    if (ref === 'last') answered.resolve('stays open')
  }
  const result = await Promise.race([answered.promise, sleep(2_000, 'open, but silent')])
  socket.connection.destroy()
  return result
}

/** Says something on a new connection and waits for what becomes of it. */
const say = async (target: Target, ...frames: readonly Uint8Array[]): Promise<string> => {
  const socket = await connect(target)
  socket.sendFrame(Buffer.concat(frames))
  return fate(socket)
}

const TIME = '{"type":"time","ref":1}'

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
    'close 4509',
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

/** Sends a great deal in bundles, without waiting for answers. */
const flood = async (target: Target, message: Buffer, count: number): Promise<string> => {
  const socket = await connect(target)
  const bundle = Buffer.concat(Array.from({ length: 500 }, () => message))
  for (let sent = 0; sent < count && !socket.connection.isClosed(); sent += 500) {
    socket.sendFrame(bundle)
    await sleep(5)
  }
  return fate(socket)
}

/** An upgrade that should be refused. */
const upgrade = async (target: Target, token: string, headers: Record<string, string> = {}): Promise<string> => {
  const { game } = await openGame(target)
  const connection = await openRaw(target.port)
  connection.write(upgradeRequest(`/v1/sessions/${game.sessionId}/ws`, token, headers))
  await connection.quiet(400)
  connection.destroy()
  return describe(connection)
}

export const socketAttacks = attacksOf('WebSocket use', [
  ['10,000 good messages at once', 'close 4509', (target) => flood(target, textFrame(TIME), 10_000)],
  ['10,000 messages that are not JSON', 'close 4509', (target) => flood(target, textFrame('x'), 10_000)],
  [
    'a key that is none',
    '400 malformed',
    async (target) => upgrade(target, (await openGame(target)).game.hostToken, { 'Sec-WebSocket-Key': 'x' }),
  ],
  [
    'version 12',
    '400 malformed',
    async (target) => upgrade(target, (await openGame(target)).game.hostToken, { 'Sec-WebSocket-Version': '12' }),
  ],
  [
    'compression that explodes',
    'close 1006',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      const socket = await openWebSocket({
        port: target.port,
        path: `/v1/sessions/${game.sessionId}/ws`,
        token,
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      })
      socket.sendFrame(frame({ opcode: 1, rsv: 4, payload: Buffer.alloc(4_000) }))
      return fate(socket)
    },
  ],
  [
    'six streams of one player',
    'close 4505',
    async (target) => {
      const { game } = await openGame(target)
      const { token } = await game.join()
      const sockets: RawWebSocket[] = []
      for (let count = 0; count < 6; count++) {
        sockets.push(await openWebSocket({ port: target.port, path: `/v1/sessions/${game.sessionId}/ws`, token }))
      }
      const first = await Promise.race([sockets[0]?.closed, sleep(3_000, 'none')])
      for (const { connection } of sockets) connection.destroy()
      return `close ${first}`
    },
  ],
])
