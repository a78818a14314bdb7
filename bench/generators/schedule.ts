/** How requests are spread over time. */
export type Pattern =
  /** At equal distances; 0 ms: all are due at once, and the connections set the pace: a closed loop. */
  | { readonly kind: 'even'; readonly withinMs: number }
  /** Independent arrivals at a mean rate. */
  | { readonly kind: 'poisson'; readonly perSecond: number }
  /** 80 % within two seconds of the opening, most of them early, the rest over the following six. */
  | { readonly kind: 'thundering' }

const THUNDER_MS = 2_000
const THUNDER_SHARE = 0.8
const LATE_MS = 6_000

/** Sending times in milliseconds after the start, ascending: fixed before anything is sent, whatever the answers do. */
export const sendingTimes = (count: number, pattern: Pattern, random: () => number): Float64Array => {
  switch (pattern.kind) {
    case 'even':
      return Float64Array.from({ length: count }, (_, n) => ((n + 0.5) / count) * pattern.withinMs)
    case 'poisson': {
      let at = 0
      return Float64Array.from({ length: count }, () => {
        at += (-Math.log(1 - random()) * 1_000) / pattern.perSecond
        return at
      })
    }
    default:
      return Float64Array.from({ length: count }, () => {
        // The mean of two draws: most in the middle of the two seconds, as people read before they tap.
        const early = ((random() + random()) / 2) * THUNDER_MS
        return random() < THUNDER_SHARE ? early : THUNDER_MS + random() * LATE_MS
      }).sort()
  }
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
