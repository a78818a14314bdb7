import { pause } from './waiting.ts'

/** How many samples are looked at; older ones say little about a clock that drifts. */
const KEPT_SAMPLES = 8

/** A message cannot arrive before it was sent, nor years later: beyond these (ms) the device's clock was set anew. */
const IMPOSSIBLE_MS = 100
const IMPLAUSIBLE_MS = 60_000

/** The server's clock, told from this device's. */
export interface ServerClock {
  now(): number
  /** A question and its answer: the server's time lies between the two, in the middle with the least error. */
  sample(sentAt: number, serverTime: number, receivedAt: number): void
  /** A time that was on its way for an unknown while: the server's clock is at least there. */
  hint(serverTime: number): void
  /** Half the round trip of the best sample: the largest possible error. Infinity without samples. */
  readonly uncertaintyMs: number
}

interface Sample {
  readonly offset: number
  readonly roundTripMs: number
}

/** @param now milliseconds since the epoch by this device */
export const createServerClock = (now: () => number = Date.now): ServerClock => {
  let samples: Sample[] = []
  let hinted = 0

  const best = (): Sample | undefined =>
    samples.reduce<Sample | undefined>(
      (found, sample) => (found === undefined || sample.roundTripMs <= found.roundTripMs ? sample : found),
      undefined,
    )

  return {
    now: () => now() + (best()?.offset ?? hinted),
    sample: (sentAt, serverTime, receivedAt) => {
      if (receivedAt < sentAt) return
      const sample = { offset: serverTime - (sentAt + receivedAt) / 2, roundTripMs: receivedAt - sentAt }
      samples = [...samples.slice(1 - KEPT_SAMPLES), sample]
    },
    hint: (serverTime) => {
      hinted = serverTime - now()
      const error = hinted - (best()?.offset ?? hinted)
      if (error > IMPOSSIBLE_MS + (best()?.roundTripMs ?? 0) || error < -IMPLAUSIBLE_MS) samples = []
    },
    get uncertaintyMs() {
      return (best()?.roundTripMs ?? Infinity) / 2
    },
  }
}

/** Questions for the server's time after a connection was made; the one with the shortest round trip counts. */
const SAMPLES = 3
const GAP_MS = 300
const TIMEOUT_MS = 5_000

/** Asks the server for its time. Rejects when there is no answer within the time. */
export type AskTime = (timeoutMs: number) => Promise<{ readonly now: number }>

/** Asks once and tells the clock. Resolves false when there was no answer. Never rejects. */
export const sampleTime = async (ask: AskTime, clock: ServerClock, timeoutMs = TIMEOUT_MS): Promise<boolean> => {
  const sentAt = Date.now()
  try {
    const { now } = await ask(timeoutMs)
    if (!Number.isFinite(now)) return false
    clock.sample(sentAt, now, Date.now())
    return true
  } catch {
    return false // the connection is gone or slow; the next one is asked again
  }
}

/** Several samples, until one fails or the signal aborts. Never rejects. */
export const syncTime = async (ask: AskTime, clock: ServerClock, signal: AbortSignal): Promise<void> => {
  for (let count = 0; count < SAMPLES; count++) {
    if (count > 0) await pause(GAP_MS, signal)
    if (signal.aborted || !(await sampleTime(ask, clock))) return
  }
}
