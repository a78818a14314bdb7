import { createLatencies, type Latencies } from '../lib/latencies.ts'
import { type LoadPlayer, MEASURES, type Measure, type PlayWave, type WaveReport } from './messages.ts'
import { answerBytes } from './requests.ts'
import { randomFrom, sendingTimes } from './schedule.ts'

/** Time after the last answer within which everything has to have come back. */
const PATIENCE_MS = 10_000

export interface Wave {
  accepted(id: number): void
  refused(id: number, reason: string): void
  ownScore(id: number): void
  visible(id: number): void
  /** Resolves when everything has come back, or too late for it. */
  readonly done: Promise<WaveReport>
}

/**
 * Sends every player's answer at the time that was drawn for it, whether or not those before have been answered, and takes
 * all times from the intended moment.
 */
export const playWave = (
  players: readonly LoadPlayer[],
  order: PlayWave,
  send: (id: number, bytes: Buffer) => void,
): Wave => {
  const random = randomFrom(order.seed)
  const count = players.length
  const ids = shuffled(count, random)
  const times = sendingTimes(count, order.pattern, random)
  const bytes = players.map((player) => answerBytes(player, order, random()))
  const intended = new Float64Array(count)
  for (const [place, id] of ids.entries()) intended[id] = times[place] ?? 0

  const latencies = Object.fromEntries(MEASURES.map((name) => [name, createLatencies()])) as Record<Measure, Latencies>
  const state = new Uint8Array(count)
  const refused: Record<string, number> = {}
  const expected = { ownScore: players.filter(({ hasSocket }) => hasSocket).length, visible: watchable(players) }
  let [next, accepted, answered, seen] = [0, 0, 0, 0]
  let acceptedAt = 0
  const cpu = process.cpuUsage()
  const start = performance.now() + 50
  const startedAt = Date.now() + 50
  let finish: (report: WaveReport) => void = () => undefined
  const done = new Promise<WaveReport>((resolve) => {
    finish = resolve
  })

  const record = (name: Measure, id: number): void =>
    latencies[name].record(performance.now() - start - (intended[id] ?? 0))

  const pump = (): void => {
    const now = performance.now() - start
    while (next < count && (times[next] ?? 0) <= now) {
      const id = ids[next] ?? 0
      const lag = performance.now() - start - (times[next] ?? 0)
      next += 1
      send(id, bytes[id] ?? Buffer.alloc(0))
      latencies.lag.record(lag)
    }
  }
  const isOver = () => answered === count && seen === expected.ownScore + expected.visible
  const tick = (): void => {
    pump()
    const waited = performance.now() - start - (times[count - 1] ?? 0)
    if (isOver() || waited > PATIENCE_MS) end()
    else rest(tick)
  }
  const end = (): void =>
    finish({
      sent: next,
      accepted,
      refused,
      unanswered: next - answered,
      unseen: expected.ownScore + expected.visible - seen,
      startedAt,
      cpuMicros: process.cpuUsage(cpu).user + process.cpuUsage(cpu).system,
      acceptedAt,
      latencies: Object.fromEntries(MEASURES.map((name) => [name, latencies[name].encode()])) as Record<
        Measure,
        string
      >,
    })
  rest(tick)

  const mark = (id: number, bit: number): boolean => {
    if (((state[id] ?? 0) & bit) !== 0) return false
    state[id] = (state[id] ?? 0) | bit
    return true
  }
  return {
    done,
    accepted: (id) => {
      if (!mark(id, 1)) return
      record('accepted', id)
      accepted += 1
      answered += 1
      acceptedAt = Date.now()
      pump()
    },
    refused: (id, reason) => {
      if (!mark(id, 1)) return
      answered += 1
      refused[reason] = (refused[reason] ?? 0) + 1
    },
    ownScore: (id) => {
      if (!mark(id, 2)) return
      seen += 1
      record('ownScore', id)
    },
    visible: (id) => {
      if (!mark(id, 4)) return
      seen += 1
      record('visible', id)
    },
  }
}

const cell = new Int32Array(new SharedArrayBuffer(4))
const REST_MS = 0.25

/**
 * A turn of the event loop four thousand times a second. Timers know whole milliseconds only; this sleeps, and what arrives
 * meanwhile waits for a quarter of a millisecond at the most.
 */
const rest = (then: () => void): void => {
  setImmediate(() => {
    Atomics.wait(cell, 0, 0, REST_MS)
    then()
  })
}

/** Watched players without the watchers themselves. */
const watchable = (players: readonly LoadPlayer[]): number =>
  players.filter(({ isWatched, watches }) => isWatched && !watches).length

const shuffled = (count: number, random: () => number): Uint32Array => {
  const ids = Uint32Array.from({ length: count }, (_, id) => id)
  for (let at = count - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const held = ids[at] ?? 0
    ids[at] = ids[other] ?? 0
    ids[other] = held
  }
  return ids
}
