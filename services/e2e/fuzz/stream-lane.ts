import { setTimeout as sleep } from 'node:timers/promises'
import { frame, OPCODES, openWebSocket, type RawWebSocket, type StreamMessage } from '../raw-websocket.ts'
import { frameSequences, renderFrames } from './frame-sequences.ts'
import type { Lane, LaneContext } from './lane.ts'
import { createRandom, type Random } from './random.ts'
import { createSampler } from './sampler.ts'

/** Frames for one connection, if it bears them. */
const MOST_FRAMES = 600
/** The payload of a ping whose pong says that what came before has been read. */
const MARK = 'has this been read?'
/** The ping may have become part of something that has no end. */
const PATIENCE_MS = 50

/** Everything that an edge closes a WebSocket with by itself; 1005 and 1006 stand for none. */
const CLOSE_CODES = new Set([1000, 1005, 1006, 4408, 4410, 4412, 4501, 4503, 4504, 4505, 4509])

const connect = async (context: LaneContext, random: Random): Promise<RawWebSocket | undefined> => {
  const words = context.words(random)
  const token = random.chance(0.9) ? words['<player>'] : words['<host>']
  try {
    return await openWebSocket({ port: context.port, path: `/v1/sessions/${words['<session>']}/ws`, token })
  } catch (error) {
    context.ledger.count(`upgrade: ${error instanceof Error ? error.message : error}`)
    await sleep(5)
    return undefined
  }
}

const isMessage = ({ type, data }: StreamMessage): boolean => typeof type === 'string' && typeof data === 'object'

/** Resolves with true when all of it has been read; with false when the connection was closed, or is still waiting. */
const sayAndWait = async (socket: RawWebSocket, frames: Buffer): Promise<boolean> => {
  const read = Promise.withResolvers<boolean>()
  const timer = setTimeout(read.resolve, PATIENCE_MS, false)
  socket.onPong = (payload) => {
    if (payload === MARK) read.resolve(true)
  }
  void socket.closed.then(() => read.resolve(false))
  socket.sendFrame(Buffer.concat([frames, frame({ opcode: OPCODES.ping, payload: MARK })]))
  const isRead = await read.promise
  clearTimeout(timer)
  return isRead
}

/** Opens WebSockets and says on them what no sound client says, until they are closed. */
export const streamLane: Lane = async (context, name, seed) => {
  const { ledger } = context
  const draw = createSampler(frameSequences, seed)
  const random = createRandom(seed)
  while (!context.isOver()) {
    const socket = await connect(context, random)
    if (socket === undefined) continue
    let last: Buffer = Buffer.alloc(0)
    let saidGoodbye = false
    socket.onMessage = (message) => {
      if (!isMessage(message)) ledger.fail(`not a message: ${JSON.stringify(message).slice(0, 200)}`, name, last)
      if (message.type !== 'error') return
      ledger.count(`message: ${message.data.status} ${message.data.code}`)
      if (message.data.status === 500) ledger.fail('error 500 in a stream', name, last)
    }
    for (let sent = 0; sent < MOST_FRAMES && !socket.connection.isClosed() && !context.isOver(); ) {
      const specs = draw()
      // Anything but a message may be a close frame, whose code the edge sends back.
      saidGoodbye = specs.some(({ kind }) => kind !== 'message')
      const frames = renderFrames(specs, context.words(random))
      last = Buffer.concat(frames)
      const isRead = await sayAndWait(socket, last)
      // Of those that ended the connection, or made it wait for the rest of a frame, one at least was read.
      ledger.sent.frames += isRead ? frames.length : 1
      sent += frames.length
      if (!isRead) break
    }
    if (socket.connection.isClosed()) {
      const code = await socket.closed
      ledger.count(`close ${CLOSE_CODES.has(code) ? code : 'with the code of the client'}`)
      if (!CLOSE_CODES.has(code) && !saidGoodbye) ledger.fail(`close ${code}`, name, last)
    } else socket.connection.reset()
  }
}
