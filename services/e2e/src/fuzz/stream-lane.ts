import { setTimeout as sleep } from 'node:timers/promises'
import { openWebSocket, type RawWebSocket, type StreamMessage } from '../raw-websocket.ts'
import { frameSequences, renderFrames } from './frame-sequences.ts'
import type { Lane, LaneContext } from './lane.ts'
import { createRandom, type Random } from './random.ts'
import { createSampler } from './sampler.ts'

/** Frames for one connection, if it bears them. */
const MOST_FRAMES = 600
/** A moment to be answered or closed; now and then. */
const PAUSE_MS = 2

/** Everything that an edge ever closes a WebSocket with; 1005 and 1006 stand for none. */
const CLOSE_CODES = new Set([1000, 1005, 1006, 4408, 4410, 4412, 4501, 4503, 4505, 4509])

const connect = async (context: LaneContext, random: Random): Promise<RawWebSocket | undefined> => {
  const words = context.words(random)
  const token = random.chance(0.9) ? words['<player>'] : words['<host>']
  try {
    return await openWebSocket(context.port, `/v1/sessions/${words['<session>']}/ws`, token)
  } catch (error) {
    context.ledger.count(`upgrade: ${error instanceof Error ? error.message : error}`)
    await sleep(5)
    return undefined
  }
}

const isMessage = ({ type, data }: StreamMessage): boolean => typeof type === 'string' && typeof data === 'object'

/** Opens WebSockets and says on them what no sound client says, until they are closed. */
export const streamLane: Lane = async (context, name, seed) => {
  const { ledger } = context
  const draw = createSampler(frameSequences, seed)
  const random = createRandom(seed)
  while (!context.isOver()) {
    const socket = await connect(context, random)
    if (socket === undefined) continue
    let last: Buffer = Buffer.alloc(0)
    socket.onMessage = (message) => {
      if (!isMessage(message)) ledger.fail(`not a message: ${JSON.stringify(message).slice(0, 200)}`, name, last)
      if (message.type !== 'error') return
      ledger.count(`message: ${message.data.status} ${message.data.code}`)
      if (message.data.status === 500) ledger.fail('error 500 in a stream', name, last)
    }
    for (let sent = 0; sent < MOST_FRAMES && !socket.connection.isClosed() && !context.isOver(); ) {
      const frames = renderFrames(draw(), context.words(random))
      last = Buffer.concat(frames)
      socket.write(last)
      sent += frames.length
      ledger.sent.frames += frames.length
      if (random.chance(0.3)) await sleep(PAUSE_MS)
      else await new Promise(setImmediate)
    }
    if (socket.connection.isClosed()) {
      const code = await socket.closed
      ledger.count(`close ${code}`)
      if (!CLOSE_CODES.has(code)) ledger.fail(`close ${code}`, name, last)
    } else socket.connection.reset()
  }
}
