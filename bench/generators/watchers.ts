import { serveParent } from '../lib/child.ts'
import { monotonicMs } from '../lib/clock.ts'
import { forEachOf } from '../lib/pool.ts'
import { openWebSocket, type RawWebSocket } from '../lib/raw-websocket.ts'
import { type FeedName, feeds } from '../workloads/feeds.ts'

/** The phones of a session: a WebSocket each, whose leaderboards are read and timed. */

export interface WatchTask {
  readonly kind: 'watch'
  readonly port: number
  readonly feed: FeedName
  readonly streams: readonly { readonly path: string; readonly token: string }[]
}

export interface WatchRound {
  /** Everything that comes from here on belongs to a new round. */
  readonly kind: 'round'
}

export interface WatchQuestion {
  /** `count` is answered with a WatchCount, `report` with a WatchReport. */
  readonly kind: 'count' | 'report'
}

export interface WatchCount {
  /** Streams whose own score has grown in this round. */
  readonly own: number
  readonly frames: number
}

/** Of one round. */
export interface WatchReport {
  /** By index of the stream: version of the board that its higher score is first part of, and when it was told; NaN if never. */
  readonly ownVersion: Float64Array
  readonly ownAt: Float64Array
  /** By index of the stream: versions of the boards and when they were there, ascending. */
  readonly boards: readonly { readonly versions: readonly number[]; readonly at: readonly number[] }[]
  readonly frames: number
  readonly bytes: number
  /** Boards with a version below one before. */
  readonly backwards: number
  readonly closed: number
}

/** An edge waits half a second for a WebSocket's first message before it sends its own. */
const PARALLEL = 1_000

interface Stream {
  socket: RawWebSocket | undefined
  /** The highest that it was told at all, and as part of a version of the board. */
  score: number
  scoreOnBoard: number
  version: number
}

const streams: Stream[] = []
let ownVersion = new Float64Array()
let ownAt = new Float64Array()
let boards: { versions: number[]; at: number[] }[] = []
let [frames, bytes, backwards, closed] = [0, 0, 0, 0]

const startRound = (): void => {
  ownVersion = new Float64Array(streams.length).fill(Number.NaN)
  ownAt = new Float64Array(streams.length).fill(Number.NaN)
  boards = streams.map(() => ({ versions: [], at: [] }))
  frames = 0
  bytes = 0
}

const watch = async ({ port, feed, streams: asked }: WatchTask): Promise<void> => {
  const { read, hello } = feeds[feed]
  for (const _ of asked) streams.push({ socket: undefined, score: 0, scoreOnBoard: 0, version: 0 })
  startRound()
  const onMessage = (index: number, text: string): void => {
    const stream = streams[index]
    if (stream === undefined) return
    const said = read(text)
    if (said === undefined) return
    if (typeof said === 'string') {
      stream.socket?.send(said)
      return
    }
    const now = monotonicMs()
    frames += 1
    bytes += text.length
    const { kind, version, score } = said
    if (version !== undefined) {
      if (version < stream.version) backwards += 1
      stream.version = version
    }
    if (kind === 'board' && version !== undefined) {
      boards[index]?.versions.push(version)
      boards[index]?.at.push(now)
    }
    if (score === undefined) return
    if (score > stream.score) {
      stream.score = score
      ownAt[index] = now
    }
    if (version !== undefined && score > stream.scoreOnBoard) {
      stream.scoreOnBoard = score
      ownVersion[index] = version
    }
  }
  await forEachOf([...asked.keys()], PARALLEL, async (index) => {
    const { path, token } = asked[index] ?? { path: '', token: '' }
    const socket = await openWebSocket({
      host: '127.0.0.1',
      port,
      path,
      token,
      onMessage: (text) => onMessage(index, text),
      onClose: () => {
        closed += 1
      },
    })
    const stream = streams[index]
    if (stream !== undefined) stream.socket = socket
    if (hello !== undefined) socket.send(hello(token))
  })
}

serveParent(async (message: WatchTask | WatchRound | WatchQuestion): Promise<WatchReport | WatchCount | undefined> => {
  switch (message.kind) {
    case 'watch':
      await watch(message)
      return undefined
    case 'round':
      startRound()
      return undefined
    case 'count':
      return { own: ownAt.filter((at) => !Number.isNaN(at)).length, frames }
    case 'report':
      return { ownVersion, ownAt, boards, frames, bytes, backwards, closed }
    default:
      return message satisfies never
  }
})
