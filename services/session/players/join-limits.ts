import type { Clock } from '#platform/clock'
import { createRates, type RatePolicy } from '#platform/rates'

export interface JoinPolicies {
  /** Attempts with a code or an id that does not exist, from one address; a whole school may sit behind one. */
  readonly failuresPerAddress: RatePolicy
  /** The same of one user. */
  readonly failuresPerUser: RatePolicy
  /** Attempts to join one session. */
  readonly perSession: RatePolicy
}

export interface Attempt {
  /** Undefined for a guest. */
  readonly userId: string | undefined
  /** '' when it is not known. */
  readonly origin: string
}

/**
 * Makes guessing join codes hopeless: a client that has failed too often is refused before anything is looked up, so that a good
 * guess looks like a bad one. Counted here, where the joins of all edges come together; each copy of the service
 * counts for itself.
 */
export interface JoinLimits {
  /** @throws PodiumError `rate-limited` when there were too many failures */
  check(attempt: Attempt): void
  /** The attempt named a session that does not exist. */
  failed(attempt: Attempt): void
  /** Counts an attempt to join this session. @throws PodiumError `rate-limited` */
  session(sessionId: string): void
}

export const createJoinLimits = (policies: JoinPolicies, clock: Pick<Clock, 'monotonic'>): JoinLimits => {
  const addresses = createRates({ name: 'join-failures', policy: policies.failuresPerAddress })
  const users = createRates({ name: 'join-failures', policy: policies.failuresPerUser })
  const sessions = createRates({ name: 'joins', policy: policies.perSession, keys: 10_000 })

  const each = (what: 'check' | 'take', { userId, origin }: Attempt): void => {
    const now = clock.monotonic()
    if (userId !== undefined) users[what](userId, now)
    if (origin !== '') addresses[what](origin, now)
  }
  return {
    check: (attempt) => each('check', attempt),
    failed: (attempt) => each('take', attempt),
    session: (sessionId) => sessions.take(sessionId, clock.monotonic()),
  }
}
