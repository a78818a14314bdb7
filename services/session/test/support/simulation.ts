import type { Clock } from '#platform/clock'

/** Longest time that one simulated request to a server takes. */
export const MAX_IO_MS = 12

/** One running process: what it still waits for never comes back once it has crashed. */
export interface SimulatedProcess {
  isAlive: boolean
  readonly onCrash: (() => void)[]
}

/**
 * Virtual time for everything that waits. Each request to a store takes a drawn time, so every order of the steps of
 * concurrent use cases occurs for some seed, and the same seed gives the same run.
 */
export const createSimulation = (seed: number) => {
  let now = 1_000_000
  let sequence = 0
  let state = seed >>> 0
  const waiting: { readonly at: number; readonly order: number; readonly wake: () => void }[] = []

  /** xorshift32: a whole number below `bound`. */
  const draw = (bound: number): number => {
    state = state === 0 ? 0x9e3779b9 : state
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % bound
  }

  const at = (when: number, wake: () => void): void => {
    sequence += 1
    waiting.push({ at: Math.max(when, now), order: sequence, wake })
  }

  const sleep = (ms: number, process?: SimulatedProcess): Promise<void> =>
    new Promise((resolve) => {
      at(now + Math.max(0, ms), () => {
        if (process?.isAlive !== false) resolve()
      })
    })

  return {
    clock: { now: () => Math.floor(now), monotonic: () => now } satisfies Clock,
    draw,
    at,
    sleep,
    /** One request to a server and back. */
    io: (process: SimulatedProcess): Promise<void> => sleep(draw(MAX_IO_MS) + draw(1_000) / 1_000, process),
    crash: (process: SimulatedProcess): void => {
      process.isAlive = false
      for (const cleanUp of process.onCrash.splice(0)) cleanUp()
    },
    /** Runs everything that is due until `end`; `observe` is called after each step. */
    run: async (end: number, observe: () => void): Promise<void> => {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        observe()
        let next = -1
        for (const [index, candidate] of waiting.entries()) {
          const best = waiting[next]
          if (
            best === undefined ||
            candidate.at < best.at ||
            (candidate.at === best.at && candidate.order < best.order)
          )
            next = index
        }
        const [task] = next < 0 ? [] : waiting.splice(next, 1)
        if (task === undefined || task.at > end) return
        now = task.at
        task.wake()
      }
    },
  }
}

export type Simulation = ReturnType<typeof createSimulation>
