/** How the answers of one wave are spread over time. */
export type Pattern =
  /** Independent arrivals at a mean rate. */
  | { readonly kind: 'poisson'; readonly perSecond: number }
  /** 80 % within two seconds of the opening, most of them early, the rest over the following six. */
  | { readonly kind: 'thundering' }

const THUNDER_MS = 2_000
const THUNDER_SHARE = 0.8
const LATE_MS = 6_000

/** Sending times in milliseconds after the start, ascending: fixed before anything is sent, whatever the answers do. */
export const sendingTimes = (count: number, pattern: Pattern, random: () => number): Float64Array => {
  const times = new Float64Array(count)
  if (pattern.kind === 'poisson') {
    let at = 0
    for (let n = 0; n < count; n += 1) {
      at += (-Math.log(1 - random()) * 1_000) / pattern.perSecond
      times[n] = at
    }
    return times
  }
  for (let n = 0; n < count; n += 1) {
    // The mean of two draws: a hump in the middle of the two seconds, as people read before they tap.
    const early = ((random() + random()) / 2) * THUNDER_MS
    times[n] = random() < THUNDER_SHARE ? early : THUNDER_MS + random() * LATE_MS
  }
  return times.sort()
}

/** Small, fast and repeatable (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
