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
