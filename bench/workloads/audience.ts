import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchCount, WatchOrder, WatchReport } from '../generators/watchers.ts'
import type { Child } from '../lib/processes.ts'
import type { ScenarioContext } from '../lib/scenario.ts'

/**
 * The streams of the players. Those of the watched players, which are spread over all, are read at once and timed. The others have
 * a process of their own, which is stopped while the time is taken and reads what came when it is over: real players are on other
 * machines, and on one machine thousands of them reading would slow down what is measured. What they got is checked all the
 * same.
 */
export interface Audience {
  /** Index of a player among all → among the watched; undefined for the others. */
  placeOf(index: number): number | undefined
  startRound(): Promise<void>
  /** Stops the process of the others until `settle`. */
  suspend(): void
  /** Waits until every player whose answer was accepted has the own score, or nothing comes any more. */
  settle(isAccepted: (index: number) => boolean): Promise<AudienceReport>
  stop(): Promise<void>
}

export interface AudienceReport {
  /** By place among the watched. */
  readonly watched: WatchReport
  /** Of the others. */
  readonly others: WatchReport
  /** Others that did not get what their accepted answer earned. */
  readonly missing: number
  readonly frames: number
  readonly bytes: number
  readonly backwards: number
  readonly closed: number
}

const CONNECT_MS = 120_000
/** After all have theirs, and after the last frame when one has not. */
const SETTLE_MS = 1_000
const GIVE_UP_MS = 10_000

/** @param watchedCount about so many of the streams are watched */
export const openAudience = async (
  context: Pick<ScenarioContext, 'start'>,
  { port, feed, streams }: Omit<Extract<WatchOrder, { kind: 'watch' }>, 'kind'>,
  watchedCount: number,
): Promise<Audience> => {
  const step = Math.max(1, Math.round(streams.length / watchedCount))
  const indexes = [...streams.keys()]
  const [ours, theirs] = [indexes.filter((index) => index % step === 0), indexes.filter((index) => index % step > 0)]
  const open = async (own: readonly number[]): Promise<Child> => {
    const child = context.start('generators/watchers.ts')
    const order: WatchOrder = { kind: 'watch', port, feed, streams: own.flatMap((index) => streams[index] ?? []) }
    await child.ask(order, CONNECT_MS)
    return child
  }
  const [watched, rest] = await Promise.all([open(ours), open(theirs)])

  const settled = async (child: Child, expected: number): Promise<WatchReport> => {
    let frames = -1
    let since = performance.now()
    for (;;) {
      const count = await child.ask<WatchCount>({ kind: 'count' })
      if (count.frames !== frames) since = performance.now()
      frames = count.frames
      const quietMs = performance.now() - since
      if (quietMs > (count.own >= expected ? SETTLE_MS : GIVE_UP_MS)) return child.ask<WatchReport>({ kind: 'report' })
      await sleep(100)
    }
  }

  return {
    placeOf: (index) => (index < streams.length && index % step === 0 ? index / step : undefined),
    startRound: async () => void (await Promise.all([watched.ask({ kind: 'round' }), rest.ask({ kind: 'round' })])),
    suspend: () => void process.kill(rest.pid, 'SIGSTOP'),
    settle: async (isAccepted) => {
      const first = await settled(watched, ours.filter(isAccepted).length)
      process.kill(rest.pid, 'SIGCONT')
      const second = await settled(rest, theirs.filter(isAccepted).length)
      const missing = theirs.filter((index, place) => isAccepted(index) && Number.isNaN(second.ownAt[place])).length
      const sum = (key: 'frames' | 'bytes' | 'backwards' | 'closed') => first[key] + second[key]
      return {
        watched: first,
        others: second,
        missing,
        frames: sum('frames'),
        bytes: sum('bytes'),
        backwards: sum('backwards'),
        closed: sum('closed'),
      }
    },
    stop: async () => void (await Promise.all([watched.stop(), rest.stop()])),
  }
}
