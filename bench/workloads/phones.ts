import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchCount, WatchReport, WatchTask } from '../generators/watchers.ts'
import { type Child, startChild } from '../lib/child.ts'
import type { SessionTarget } from './session-round.ts'

/**
 * The streams of a session. Those of the players watched, who are spread over all, are read at once and timed. The others have
 * a process of their own, which stands still while the time is taken and reads what came when it is over: phones are other
 * machines, and on one machine thousands of them reading would be in the way of what is measured. What they got is checked all
 * the same.
 */
export interface Phones {
  /** Index of a player among all → among the watched; undefined for the others. */
  placeOf(index: number): number | undefined
  startRound(): Promise<void>
  standStill(): void
  /** Waits until everybody whose answer was accepted has the own score, or nothing comes any more. */
  settle(isAccepted: (index: number) => boolean): Promise<PhonesReport>
  stop(): Promise<void>
}

export interface PhonesReport {
  /** By place among the watched. */
  readonly watched: WatchReport
  /** Others who were not told what their accepted answer earned. */
  readonly untold: number
  readonly frames: number
  readonly bytes: number
  readonly backwards: number
  readonly closed: number
}

const CONNECT_MS = 120_000
/** After everybody has theirs, and after the last frame when somebody has not. */
const SETTLE_MS = 1_000
const GIVE_UP_MS = 10_000

export const openPhones = async (target: SessionTarget, watchedCount: number): Promise<Phones> => {
  const { port, feed, streams } = target
  const step = Math.max(1, Math.round(streams.length / watchedCount))
  const indexes = [...streams.keys()]
  const [ours, others] = [indexes.filter((index) => index % step === 0), indexes.filter((index) => index % step > 0)]
  const open = async (own: readonly number[]): Promise<Child> => {
    const child = startChild(join(import.meta.dirname, '..', 'generators/watchers.ts'))
    const task: WatchTask = { kind: 'watch', port, feed, streams: own.flatMap((index) => streams[index] ?? []) }
    await child.ask(task, CONNECT_MS)
    return child
  }
  const watched = await open(ours)
  const rest = await open(others)

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
    placeOf: (index) => (index % step === 0 ? index / step : undefined),
    startRound: async () => void (await Promise.all([watched.ask({ kind: 'round' }), rest.ask({ kind: 'round' })])),
    standStill: () => void process.kill(rest.pid, 'SIGSTOP'),
    settle: async (isAccepted) => {
      const first = await settled(watched, ours.filter(isAccepted).length)
      process.kill(rest.pid, 'SIGCONT')
      const second = await settled(rest, others.filter(isAccepted).length)
      const untold = others.filter((index, place) => isAccepted(index) && Number.isNaN(second.ownAt[place])).length
      const sum = (key: 'frames' | 'bytes' | 'backwards' | 'closed') => first[key] + second[key]
      return {
        watched: first,
        untold,
        frames: sum('frames'),
        bytes: sum('bytes'),
        backwards: sum('backwards'),
        closed: sum('closed'),
      }
    },
    stop: async () => void (await Promise.all([watched.stop(), rest.stop()])),
  }
}
