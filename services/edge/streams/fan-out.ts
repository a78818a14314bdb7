import { setImmediate as nextTurn } from 'node:timers/promises'
import { delayMs, tickMs } from './fan-out-tick.ts'

/** Clients served in one go: less than a millisecond, so that answers that arrive meanwhile do not wait for a whole audience. */
const SLICE = 125

/** The fan-outs of one process, which share its CPU. */
export interface FanOutBudget {
  /** Reserves the cost of a tick for so many clients; returns the tick's length in milliseconds. */
  reserve(audience: number, atLeastMs: number | undefined): number
  release(audience: number): void
}

export const createFanOutBudget = (): FanOutBudget => {
  let waiting = 0
  return {
    reserve: (audience, atLeastMs) => {
      waiting += audience
      return tickMs(waiting, atLeastMs)
    },
    release: (audience) => {
      waiting -= audience
    },
  }
}

/** The clock of one session's frames: soon after a change that follows a rest, then once a tick, never two at once. */
export interface FanOut {
  /** Something changed. */
  poke(): void
  close(): void
}

export interface FanOutOptions {
  readonly budget: FanOutBudget
  readonly audience: () => number
  /** Shortest tick in milliseconds; undefined for the usual one. */
  readonly atLeastMs: () => number | undefined
  /** Sends what there is to send. Must not reject. Changes during it make a tick after it. */
  readonly run: () => Promise<void>
}

export const createFanOut = ({ budget, audience, atLeastMs, run }: FanOutOptions): FanOut => {
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isPoked = false
  let isClosed = false
  let reserved = 0
  let lastRunAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  const schedule = (): void => {
    reserved = audience()
    const length = budget.reserve(reserved, atLeastMs())
    timer = setTimeout(() => void tick(), delayMs(length, performance.now() - lastRunAt, tookMs))
  }

  const tick = async (): Promise<void> => {
    timer = undefined
    lastRunAt = performance.now()
    budget.release(reserved)
    isPoked = false
    isRunning = true
    await run()
    tookMs = performance.now() - lastRunAt
    isRunning = false
    if (isPoked && !isClosed) schedule()
  }

  return {
    poke: () => {
      isPoked = true
      if (timer === undefined && !isRunning && !isClosed) schedule()
    },
    close: () => {
      isClosed = true
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      budget.release(reserved)
    },
  }
}

/** Calls `visit` for each, in slices with a turn of the event loop between them. */
export const inSlices = async <T>(items: readonly T[], visit: (item: T) => void): Promise<void> => {
  for (let start = 0; start < items.length; start += SLICE) {
    if (start > 0) await nextTurn()
    const end = Math.min(items.length, start + SLICE)
    for (let index = start; index < end; index++) {
      const item = items[index]
      if (item !== undefined) visit(item)
    }
  }
}
