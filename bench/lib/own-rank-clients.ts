import { forEachOf } from './pool.ts'
import { openRawStream } from './raw-stream.ts'

/** One process of players of bench/edge-own-rank.ts; takes a task, later the word `report`. */

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

/** A clock that all processes of a machine share. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Every batch gives every player another score and another place. */
const place = (index: number, batch: number, players: number): number => (index * 7_919 + batch * 104_729) % players

export const scoreOf = (index: number, batch: number, players: number): number =>
  batch * 10_000 + place(index, batch, players)
const rankOf = (index: number, batch: number, players: number): number => players - place(index, batch, players)

const TYPE = '"leaderboard.updated"'
const DATA = /"version":(\d+).*"me":\{"rank":(\d+),"score":(\d+)\}/

interface Watched {
  readonly arrivals: number[]
  isClosed(): boolean
}

const watched: Watched[] = []
let frames = 0
let wrong = 0

const enter = async ({ port, path, players, baseVersion, own }: OwnRankTask): Promise<void> => {
  await forEachOf(own, 50, async ({ index, token }) => {
    const stream = await openRawStream({ port, protocol: 'ws', path, token })
    const arrivals: number[] = []
    stream.onData = (chunk) => {
      const now = monotonicMs()
      for (let at = chunk.indexOf(TYPE); at !== -1; ) {
        const next = chunk.indexOf(TYPE, at + TYPE.length)
        const [, version, rank, score] =
          DATA.exec(chunk.toString('latin1', at, next === -1 ? chunk.length : next)) ?? []
        at = next
        frames += 1
        const batch = Number(version) - baseVersion
        if (Number(rank) !== rankOf(index, batch, players) || Number(score) !== scoreOf(index, batch, players)) {
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

if (process.send !== undefined) {
  process.on('disconnect', () => process.exit())
  process.on('message', async (message: OwnRankTask | 'report') => {
    if (message !== 'report') {
      await enter(message)
      process.send?.('ready')
      return
    }
    const closed = watched.filter(({ isClosed }) => isClosed()).length
    const report: OwnRankReport = { arrivals: watched.map(({ arrivals }) => arrivals), frames, wrong, closed }
    process.send?.(report)
  })
}
