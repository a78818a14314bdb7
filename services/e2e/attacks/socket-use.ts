import { setTimeout as sleep } from 'node:timers/promises'
import { openRaw } from '../raw-connection.ts'
import { frame, openWebSocket, type RawWebSocket, textFrame, upgradeRequest } from '../raw-websocket.ts'
import type { Target } from '../target.ts'
import { attacksOf, describe, openGame } from './attack.ts'
import { connect, fate, TIME } from './socket.ts'

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
  ['never authenticates', '401 unauthorized', (target) => upgrade(target, '')],
  ['a token that is none', '401 unauthorized', (target) => upgrade(target, 'x.y.z')],
  [
    'a player of another session',
    '404 not-found',
    async (target) => {
      const other = await target.game()
      return upgrade(target, (await other.join()).token)
    },
  ],
  ['the host of another session', '404 not-found', async (target) => upgrade(target, (await target.game()).hostToken)],
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
    'a page of another origin',
    '403 forbidden',
    async (target) => upgrade(target, (await openGame(target)).game.hostToken, { Origin: 'https://evil.example' }),
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

/** Asks for the whole state, twenty times a second, and reads nothing of it. */
export const neverReads = attacksOf(
  'WebSocket use',
  [
    [
      'never reads',
      'cut off',
      async (target) => {
        const prompt = '€'.repeat(1_000)
        const options = Array.from({ length: 10 }, (_, n) => `${n}${'€'.repeat(299)}`)
        const game = await target.game({ questions: [{ kind: 'single_choice', prompt, options, correct: 0 }] })
        const { token } = await game.join()
        await game.start()
        const socket = await openWebSocket({ port: target.port, path: `/v1/sessions/${game.sessionId}/ws`, token })
        socket.connection.pause()
        const until = performance.now() + 80_000
        let isCut = false
        // A paused socket does not notice its end by itself; what is written to it then fails.
        void socket.closed.then(() => {
          isCut = true
        })
        while (!isCut && performance.now() < until) {
          socket.sendFrame(textFrame('{"type":"resume","data":{}}'))
          await sleep(55)
        }
        socket.connection.destroy()
        return isCut ? 'cut off' : 'still open'
      },
    ],
  ],
  { takes: 'a minute' },
)
