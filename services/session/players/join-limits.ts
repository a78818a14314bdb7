import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock'
import { createRates, type RatePolicy } from '#platform/rates'

export interface JoinPolicies {
  /** Attempts of guests with a code or an id that does not exist, from one address; a whole school may sit behind one. */
  readonly failuresPerAddress: RatePolicy
  /** The same of one user or player. */
  readonly failuresPerUser: RatePolicy
  /** The same of all guests together. */
  readonly failures: RatePolicy
  /** Attempts to join one session: of its users, and apart from them of its guests. */
  readonly perSession: RatePolicy
  /** Attempts of guests to join one session from one address. */
  readonly guestsPerAddress: RatePolicy
}

export interface Attempt {
  /** The user or player of the token; undefined for a guest. */
  readonly caller: string | undefined
  /** '' when it is not known. */
  readonly origin: string
}

/**
 * Makes guessing join codes hopeless: a client that has failed too often is refused before anything is looked up, so that a good
 * guess looks like a bad one. A valid token has buckets of its own: what others do at its address never counts against it.
 * Counted here, where the joins of all edges come together; each copy of the service counts for itself.
 */
export interface JoinLimits {
  /** @throws PodiumError `rate-limited` when there were too many failures */
  check(attempt: Attempt): void
  /** The attempt named a session that does not exist. */
  failed(attempt: Attempt): void
  /** Counts an attempt to join this session. @throws PodiumError `rate-limited` */
  session(sessionId: string, attempt: Attempt): void
  /** Takes one of the seats that guests of this address may have; false when there is none. */
  takeGuestSeat(sessionId: string, origin: string, seats: number): boolean
  /** The guest got no seat. */
  returnGuestSeat(sessionId: string, origin: string): void
}

/** Pairs of session and address that are remembered. */
const SEAT_COUNTS = 100_000
const ALL = 'all'

export const createJoinLimits = (policies: JoinPolicies, clock: Pick<Clock, 'monotonic'>): JoinLimits => {
  const addresses = createRates({ name: 'join-failures', policy: policies.failuresPerAddress })
  const users = createRates({ name: 'join-failures', policy: policies.failuresPerUser })
  const everywhere = createRates({ name: 'join-failures', policy: policies.failures })
  const sessionsOfUsers = createRates({ name: 'joins', policy: policies.perSession, keys: 10_000 })
  const sessionsOfGuests = createRates({ name: 'joins', policy: policies.perSession, keys: 10_000 })
  const guests = createRates({ name: 'guest-joins', policy: policies.guestsPerAddress })
  const seats = new LRUCache<string, number>({ max: SEAT_COUNTS })

  const each = (what: 'check' | 'take', { caller, origin }: Attempt): void => {
    const now = clock.monotonic()
    if (caller !== undefined) users[what](caller, now)
    else {
      if (origin !== '') addresses[what](origin, now)
      everywhere[what](ALL, now)
    }
  }
  const placeOf = (sessionId: string, origin: string): string => `${sessionId} ${origin}`
  return {
    check: (attempt) => each('check', attempt),
    failed: (attempt) => each('take', attempt),
    session: (sessionId, { caller, origin }) => {
      const now = clock.monotonic()
      if (caller !== undefined) sessionsOfUsers.take(sessionId, now)
      else {
        // First, so that one address cannot use up what the guests of others need.
        if (origin !== '') guests.take(placeOf(sessionId, origin), now)
        sessionsOfGuests.take(sessionId, now)
      }
    },
    takeGuestSeat: (sessionId, origin, most) => {
      if (origin === '') return true
      const place = placeOf(sessionId, origin)
      const taken = seats.get(place) ?? 0
      if (taken >= most) return false
      seats.set(place, taken + 1)
      return true
    },
    returnGuestSeat: (sessionId, origin) => {
      const place = placeOf(sessionId, origin)
      const taken = seats.get(place) ?? 0
      if (taken > 0) seats.set(place, taken - 1)
    },
  }
}
