import { LRUCache } from 'lru-cache'
import { PodiumError } from './errors.ts'

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

/** One limit with a bucket for each key: a player, a user, an address. `now`: monotonic milliseconds. */
export interface Rates {
  /** Counts one. @throws PodiumError `rate-limited` with `policy` and `retryAfterSeconds` */
  take(key: string, now: number): void
  /** Counts nothing. @throws as `take` would */
  check(key: string, now: number): void
}

export interface RatesOptions {
  /** What clients see in the RateLimit headers. */
  readonly name: string
  readonly policy: RatePolicy
  /** Keys whose buckets are kept; one that is forgotten begins with a full bucket. Default 100 000. */
  readonly keys?: number
}

/** The limit counts in this process; copies of a service count for themselves. */
export const createRates = ({ name, policy, keys = 100_000 }: RatesOptions): Rates => {
  const buckets = new LRUCache<string, TokenBucket>({ max: keys })
  const { burst, perSecond } = policy
  const described = `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`

  const bucketOf = (key: string, now: number): TokenBucket => {
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = createTokenBucket(policy, now)
      buckets.set(key, bucket)
    }
    return bucket
  }
  const refuse = (waitSeconds: number): void => {
    if (waitSeconds === 0) return
    throw new PodiumError('rate-limited', {
      extra: { policy: described, retryAfterSeconds: Math.ceil(waitSeconds) },
    })
  }
  return {
    take: (key, now) => refuse(bucketOf(key, now).take(now)),
    check: (key, now) => refuse(buckets.get(key)?.wait(now) ?? 0),
  }
}
