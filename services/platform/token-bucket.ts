/** `burst` at once, and `perSecond` after that. */
export interface RatePolicy {
  readonly burst: number
  readonly perSecond: number
}

export interface TokenBucket {
  /** Takes a token and returns 0, or returns the seconds until there is one. `now`: monotonic milliseconds. */
  take(now: number): number
  /** The seconds until there is a token; takes none. */
  wait(now: number): number
}

/** A token bucket (RFC 2697's idea, counted in requests): full at first, refilled continuously. */
export const createTokenBucket = ({ burst, perSecond }: RatePolicy, now: number): TokenBucket => {
  let tokens = burst
  let refilledAt = now
  const wait = (now: number): number => {
    tokens = Math.min(burst, tokens + ((now - refilledAt) / 1_000) * perSecond)
    refilledAt = now
    return tokens < 1 ? (1 - tokens) / perSecond : 0
  }
  return {
    wait,
    take: (now) => {
      const seconds = wait(now)
      if (seconds === 0) tokens -= 1
      return seconds
    },
  }
}
