import { forEachOf, serveParent } from '../lib/processes.ts'
import { monotonicMs } from '../lib/statistics.ts'
import { openWebSocket, type RawWebSocket } from '../lib/streams.ts'
import { type FeedName, feeds } from '../workloads/feeds.ts'

/** The players' own streams: a WebSocket each, whose leaderboards and own scores are read and timed. */

export type WatchOrder =
  | {
      readonly kind: 'watch'
      readonly port: number
      readonly feed: FeedName
      readonly streams: readonly { readonly path: string; readonly token: string }[]
    }
  /** Everything that comes from here on belongs to a new round. */
  | { readonly kind: 'round' }
  /** `count` is answered with a WatchCount, `report` with a WatchReport. */
  | { readonly kind: 'count' | 'report' }

export interface WatchCount {
  /** Streams whose own score has grown in this round. */
  readonly own: number
  readonly frames: number
}

/** Boards that a stream got in a round, ascending by time: version, `monotonicMs`, and rank and score of its player. */
export interface WatchedBoards {
  readonly versions: number[]
  readonly at: number[]
  readonly ranks: number[]
  readonly scores: number[]
}

/** Of one round. */
export interface WatchReport {
  /** By index of the stream: version of the board that its higher score is first part of, and when it came; NaN if never. */
  readonly ownVersion: Float64Array
  readonly ownAt: Float64Array
  /** By index of the stream. */
  readonly boards: readonly WatchedBoards[]
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
  /** The highest that came at all, and as part of a version of the board. */
  score: number
  scoreOnBoard: number
  version: number
}

const streams: Stream[] = []
let ownVersion = new Float64Array()
let ownAt = new Float64Array()
let boards: WatchedBoards[] = []
let [frames, bytes, backwards, closed] = [0, 0, 0, 0]

const startRound = (): void => {
  ownVersion = new Float64Array(streams.length).fill(Number.NaN)
  ownAt = new Float64Array(streams.length).fill(Number.NaN)
  boards = streams.map(() => ({ versions: [], at: [], ranks: [], scores: [] }))
  frames = 0
  bytes = 0
}

const onMessage = (feed: FeedName, index: number, text: string): void => {
  const stream = streams[index]
  const news = feeds[feed].read(text)
  if (stream === undefined || news === undefined) return
  if (typeof news === 'string') {
    stream.socket?.send(news)
    return
  }
  const now = monotonicMs()
  frames += 1
  bytes += text.length
  const { kind, version, score, rank } = news
  if (version !== undefined) {
    if (version < stream.version) backwards += 1
    stream.version = version
  }
  const own = boards[index]
  if (kind === 'board' && version !== undefined && own !== undefined) {
    own.versions.push(version)
    own.at.push(now)
    own.ranks.push(rank ?? Number.NaN)
    own.scores.push(score ?? Number.NaN)
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

const watch = async ({ port, feed, streams: asked }: Extract<WatchOrder, { kind: 'watch' }>): Promise<void> => {
  for (const _ of asked) streams.push({ socket: undefined, score: 0, scoreOnBoard: 0, version: 0 })
  startRound()
  await forEachOf(asked, PARALLEL, async ({ path, token }, index) => {
    const socket = await openWebSocket({
      port,
      path,
      token,
      onMessage: (text) => onMessage(feed, index, text),
      onClose: () => {
        closed += 1
      },
    })
    const stream = streams[index]
    if (stream !== undefined) stream.socket = socket
    const { hello } = feeds[feed]
    if (hello !== undefined) socket.send(hello(token))
  })
}

serveParent(async (order: WatchOrder): Promise<WatchReport | WatchCount | undefined> => {
  switch (order.kind) {
    case 'watch':
      await watch(order)
      return undefined
    case 'round':
      startRound()
      return undefined
    case 'count':
      return { own: ownAt.filter((at) => !Number.isNaN(at)).length, frames }
    default:
      return { ownVersion, ownAt, boards, frames, bytes, backwards, closed }
  }
})
