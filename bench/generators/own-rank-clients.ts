import { serveParent } from '../lib/child.ts'
import { monotonicMs } from '../lib/clock.ts'
import { forEachOf } from '../lib/pool.ts'
import { openRawStream } from '../lib/raw-stream.ts'

/** Players whose own rank and score change with every batch; takes a task, later the word `report`. */

export interface OwnRankTask {
  readonly port: number
  readonly path: string
  readonly players: number
  /** Public version of the board before the first batch. */
  readonly baseVersion: number
  readonly own: readonly { readonly index: number; readonly token: string }[]
}

export interface OwnRankReport {
  /** Of each player, when each batch (from 1) or a newer one was there; `monotonicMs`. */
  readonly arrivals: readonly (readonly number[])[]
  readonly frames: number
  /** Frames with another rank or score than the version of their board gives the player. */
  readonly wrong: number
  readonly closed: number
}

/** Every batch gives every player another score and another place. */
const place = (index: number, batch: number, players: number): number => (index * 7_919 + batch * 104_729) % players

export const scoreOf = (index: number, batch: number, players: number): number =>
  batch * 10_000 + place(index, batch, players)
const rankOf = (index: number, batch: number, players: number): number => players - place(index, batch, players)

/** An edge waits half a second for a WebSocket's first message before it sends its own. */
const PARALLEL = 1_000

const TYPE = '"leaderboard.updated"'
const VERSION = '"version":'
const RANK = '"me":{"rank":'
const SCORE = ',"score":'

/** The number behind a key that follows a place; as cheap as can be, because reading must not be what is measured. */
const numberBehind = (chunk: Buffer, key: string, from: number): number => {
  let at = chunk.indexOf(key, from) + key.length
  let value = 0
  for (let digit = (chunk[at] ?? 0) - 48; digit >= 0 && digit <= 9; digit = (chunk[++at] ?? 0) - 48) {
    value = value * 10 + digit
  }
  return value
}

interface Watched {
  readonly arrivals: number[]
  isClosed(): boolean
}

const watched: Watched[] = []
let frames = 0
let wrong = 0

const enter = async ({ port, path, players, baseVersion, own }: OwnRankTask): Promise<void> => {
  await forEachOf(own, PARALLEL, async ({ index, token }) => {
    const stream = await openRawStream({ port, protocol: 'ws', path, token })
    const arrivals: number[] = []
    stream.onData = (chunk) => {
      const now = monotonicMs()
      for (let at = chunk.indexOf(TYPE); at !== -1; ) {
        const version = numberBehind(chunk, VERSION, at)
        const own = chunk.indexOf(RANK, at)
        const rank = numberBehind(chunk, RANK, own)
        const score = numberBehind(chunk, SCORE, own)
        at = chunk.indexOf(TYPE, at + TYPE.length)
        frames += 1
        const batch = version - baseVersion
        if (rank !== rankOf(index, batch, players) || score !== scoreOf(index, batch, players)) {
          wrong += 1
          continue
        }
        // Newest state replaces older state: a frame stands for the batches that it skipped, too.
        while (arrivals.length < batch) arrivals.push(now)
      }
    }
    watched.push({ arrivals, isClosed: () => stream.isClosed })
  })
}

serveParent(async (message: OwnRankTask | 'report'): Promise<OwnRankReport | undefined> => {
  if (message !== 'report') {
    await enter(message)
    return undefined
  }
  const closed = watched.filter(({ isClosed }) => isClosed()).length
  return { arrivals: watched.map(({ arrivals }) => arrivals), frames, wrong, closed }
})
