import { PodiumError } from '#lib/errors'
import { createTokenBucket, type RatePolicy, type TokenBucket } from '../domain/token-bucket.ts'
import { createRecentCache } from './recent-cache.ts'

/** A player answers once per question; the rest of the burst is for repeats on a bad network. */
const ANSWERS: RatePolicy = { burst: 10, perSecond: 5 }

/** Players whose buckets are kept; one who is forgotten begins with a full one. */
const PLAYERS = 100_000

/** Counts a player's attempt to answer. @throws PodiumError `rate-limited` with `policy` and `retryAfterSeconds` */
export type AnswerRate = (playerId: string, now: number) => void

/** The rate of each player's answers at this edge, whatever connection they come over. */
export const createAnswerRate = (): AnswerRate => {
  const buckets = createRecentCache<string, TokenBucket>(PLAYERS)
  return (playerId, now) => {
    let bucket = buckets.get(playerId)
    if (bucket === undefined) {
      bucket = createTokenBucket(ANSWERS, now)
      buckets.set(playerId, bucket)
    }
    const waitSeconds = bucket.take(now)
    if (waitSeconds === 0) return
    throw new PodiumError('rate-limited', {
      extra: {
        policy: `"answers";q=${ANSWERS.burst};w=${ANSWERS.burst / ANSWERS.perSecond}`,
        retryAfterSeconds: Math.ceil(waitSeconds),
      },
    })
  }
}
