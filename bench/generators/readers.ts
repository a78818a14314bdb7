import { forEachOf, serveParent } from '../lib/processes.ts'
import { clientFrame, countFrames, doze, openRawStream, type Protocol, type RawStream } from '../lib/streams.ts'

/** Clients that read and discard, of several servers, in groups by name. Some of each group are read closely. */

export type ReadersOrder =
  | {
      readonly kind: 'open'
      readonly group: string
      readonly port: number
      readonly protocol: Protocol
      readonly streams: readonly { readonly path: string; readonly token: string }[]
      /** Sent by every client: once after the upgrade, and now and then to be taken for alive. */
      readonly says?: { readonly hello: string; readonly alive: string }
    }
  /** Counts from here on. */
  | { readonly kind: 'count'; readonly group: string; readonly type: string }
  | { readonly kind: 'report' }
  | { readonly kind: 'close'; readonly group: string }
  /** Sleeps most of the time from now on, so that waking it is not measured. */
  | { readonly kind: 'doze' }

export interface ReadersReport {
  readonly framesPerStream: number
  readonly bytesPerFrame: number
  readonly closed: number
}

/** Read closely; the others are taken for the same. */
const SAMPLE = 20
/** An edge waits half a second for a WebSocket's first message before it sends its own. */
const PARALLEL = 1_000
const ALIVE_MS = 20_000

const groups = new Map<string, RawStream[]>()
let counted: { frames: number; bytes: number }[] = []
let counting: readonly RawStream[] = []

const open = async ({ group, port, protocol, streams, says }: Extract<ReadersOrder, { kind: 'open' }>) => {
  const opened: RawStream[] = []
  groups.set(group, opened)
  await forEachOf(streams, PARALLEL, async ({ path, token }, index) => {
    const stream = await openRawStream({ port, protocol, path, token })
    opened[index] = stream
    if (says === undefined) return
    stream.socket.write(clientFrame(says.hello))
    const alive = clientFrame(says.alive)
    const timer = setInterval(() => stream.socket.write(alive), ALIVE_MS)
    stream.socket.once('close', () => clearInterval(timer))
  })
}

const report = (): ReadersReport => {
  const sum = (key: 'frames' | 'bytes') => counted.reduce((total, count) => total + count[key], 0)
  for (const stream of counting) stream.onData = undefined
  return {
    framesPerStream: sum('frames') / counted.length,
    bytesPerFrame: sum('bytes') / sum('frames'),
    closed: counting.filter(({ isClosed }) => isClosed).length,
  }
}

serveParent(async (order: ReadersOrder): Promise<ReadersReport | undefined> => {
  switch (order.kind) {
    case 'open':
      await open(order)
      return undefined
    case 'count':
      counting = groups.get(order.group) ?? []
      counted = counting.slice(0, SAMPLE).map((stream) => countFrames(stream, order.type))
      return undefined
    case 'report':
      return report()
    case 'close':
      for (const { socket } of groups.get(order.group) ?? []) socket.destroy()
      groups.delete(order.group)
      return undefined
    case 'doze':
      doze()
      return undefined
    default:
      return order satisfies never
  }
})
