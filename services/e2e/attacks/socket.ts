import { setTimeout as sleep } from 'node:timers/promises'
import { openWebSocket, type RawWebSocket, textFrame } from '../raw-websocket.ts'
import type { Target } from '../target.ts'
import { openGame } from './attack.ts'

/** A WebSocket of a player of the open game. */
export const connect = async (target: Target): Promise<RawWebSocket> => {
  const { game } = await openGame(target)
  const { token } = await game.join()
  return openWebSocket({ port: target.port, path: `/v1/sessions/${game.sessionId}/ws`, token })
}

/** How a connection ends, or that it lives: it still answers. */
export const fate = async (socket: RawWebSocket, waitMs = 1_000): Promise<string> => {
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
export const say = async (target: Target, ...frames: readonly Uint8Array[]): Promise<string> => {
  const socket = await connect(target)
  socket.sendFrame(Buffer.concat(frames))
  return fate(socket)
}

export const TIME = '{"type":"time","ref":1}'
