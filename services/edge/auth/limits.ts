import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { createRates, type RatePolicy } from '#platform/rates'

/** How often a caller may do something at this edge, whatever connection it comes over. */
export interface RatePolicies {
  /** Answers of one player. */
  readonly answers: RatePolicy
  /** Everything else that one user or one player asks for. */
  readonly commands: RatePolicy
  /** Imports of one user. */
  readonly imports: RatePolicy
  /** Joins of one user. */
  readonly joins: RatePolicy
  /** Joins, commands and new streams from one address; a whole school may sit behind one. */
  readonly address: RatePolicy
}

/** Each counts one. @throws PodiumError `rate-limited` with `policy` and `retryAfterSeconds` */
export interface Limits {
  answer(playerId: string, now: number): void
  /** `id`: of a user or a player. */
  count(kind: 'commands' | 'imports' | 'joins', id: string): void
  /** '' counts nothing. */
  address(address: string): void
  /** @throws PodiumError `unavailable` while this process is too busy for new clients */
  newcomer(): void
}

export interface LimitsDeps {
  readonly policies: RatePolicies
  readonly clock: Pick<Clock, 'monotonic'>
  /** True while the event loop is so late that connected clients come first. Default: never. */
  readonly isBusy?: () => boolean
}

export const createLimits = ({ policies, clock, isBusy = () => false }: LimitsDeps): Limits => {
  const answers = createRates({ name: 'answers', policy: policies.answers })
  const addresses = createRates({ name: 'address', policy: policies.address })
  const counted = {
    commands: createRates({ name: 'commands', policy: policies.commands }),
    imports: createRates({ name: 'imports', policy: policies.imports, keys: 10_000 }),
    joins: createRates({ name: 'joins', policy: policies.joins }),
  }
  return {
    answer: answers.take,
    count: (kind, id) => counted[kind].take(id, clock.monotonic()),
    address: (address) => {
      if (address !== '') addresses.take(address, clock.monotonic())
    },
    newcomer: () => {
      if (isBusy()) throw new PodiumError('unavailable', { cause: new Error('the event loop is late') })
    },
  }
}
