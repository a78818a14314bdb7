import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { createRates, type RatePolicy } from '#platform/rates'
import type {
  DisplayPrincipal,
  PlayerPrincipal,
  Principal,
  TokenVerifier,
  UserPrincipal,
} from '#platform/tokens/token-verifier'
import { bearerToken, type Request } from '../http/request.ts'

/**
 * Who may do what, as far as the edge decides. What a user may do to a quiz or a session is decided by `session`, which
 * knows the owner; its half of the table is in services/session/sessions/permissions.ts.
 *
 * First, by the kind of token: `true` admits the request, anything else is the refusal.
 */
const USERS = { anonymous: 'unauthorized', user: true, player: 'forbidden', display: 'forbidden' } as const
const PLAYERS = { anonymous: 'unauthorized', user: 'forbidden', player: true, display: 'forbidden' } as const
const ANY_TOKEN = { anonymous: 'unauthorized', user: true, player: true, display: true } as const
const EVERYONE = { anonymous: true, user: true, player: true, display: true } as const

const CALLERS = {
  'document.read': EVERYONE,
  'quiz.create': USERS,
  'quiz.import': USERS,
  'quiz.list': USERS,
  'quiz.read': USERS,
  'quiz.change': USERS,
  'session.create': USERS,
  'session.list': USERS,
  'session.preview': EVERYONE,
  'session.control': USERS,
  'session.results': USERS,
  'session.players': USERS,
  'session.display': USERS,
  'own.results': PLAYERS,
  'own.history': USERS,
  // A player token resumes its player.
  'session.join': { ...EVERYONE, display: 'forbidden' },
  'player.remove': USERS,
  'player.leave': PLAYERS,
  'session.read': ANY_TOKEN,
  'board.read': ANY_TOKEN,
  'stream.open': ANY_TOKEN,
  'socket.open': ANY_TOKEN,
  'stream.replay': ANY_TOKEN,
  // A user's token is refused later, with the reason: it is no participant's.
  'answer.submit': { ...ANY_TOKEN, display: 'forbidden' },
} as const satisfies Record<string, Readonly<Record<'anonymous' | Principal['kind'], true | Refusal>>>

export type Action = keyof typeof CALLERS

type Refusal = 'unauthorized' | 'forbidden' | 'not-found' | 'not-a-participant'

/**
 * Second, by what the caller is to the session, for what the edge answers from its own copy of it. To strangers, other hosts
 * as well as players of other sessions, a session looks as if it did not exist.
 */
export type Relation = 'host' | 'display' | 'player' | 'left' | 'replaced' | 'removed' | 'stranger'

const INSIDERS = {
  host: true,
  display: true,
  player: true,
  left: true,
  replaced: 'unauthorized',
  removed: 'unauthorized',
  stranger: 'not-found',
} as const

export const MEMBERS = {
  'session.read': INSIDERS,
  'board.read': INSIDERS,
  // Over SSE 401 is what makes a standard client stop reconnecting.
  'stream.open': INSIDERS,
  // A browser cannot see the status of a refused upgrade: a replaced player's WebSocket opens and is closed with 4505.
  'socket.open': { ...INSIDERS, replaced: true },
  'stream.replay': INSIDERS,
  'player.leave': { ...INSIDERS, host: 'forbidden', display: 'forbidden' },
  'own.results': { ...INSIDERS, host: 'forbidden', display: 'forbidden' },
  // A player who left counts for no question until the next join.
  'answer.submit': {
    ...INSIDERS,
    host: 'not-a-participant',
    display: 'forbidden',
    left: 'not-a-participant',
    stranger: 'not-a-participant',
  },
} as const satisfies Partial<Record<Action, Readonly<Record<Relation, true | Refusal>>>>

export type MemberAction = keyof typeof MEMBERS

/** What a token says, as far as it matters here. */
export type Bearer =
  | Pick<UserPrincipal, 'kind' | 'userId'>
  | Pick<PlayerPrincipal, 'kind' | 'playerId' | 'sessionId' | 'generation'>
  | Pick<DisplayPrincipal, 'kind' | 'sessionId'>

/** What is known of a session, as far as it matters here. */
export interface Members {
  readonly sessionId: string
  readonly hostUserId: string
  isRemoved(playerId: string): boolean
  isReplaced(player: Pick<PlayerPrincipal, 'playerId' | 'generation'>): boolean
  hasLeft(playerId: string): boolean
}

export const relationOf = (bearer: Bearer, session: Members): Relation => {
  if (bearer.kind === 'user') return bearer.userId === session.hostUserId ? 'host' : 'stranger'
  if (bearer.sessionId !== session.sessionId) return 'stranger'
  if (bearer.kind === 'display') return 'display'
  if (session.isRemoved(bearer.playerId)) return 'removed'
  if (session.isReplaced(bearer)) return 'replaced'
  return session.hasLeft(bearer.playerId) ? 'left' : 'player'
}

/** @throws PodiumError the refusal */
export const checkMember = (bearer: Bearer, session: Members, action: MemberAction): void =>
  checkRelation(relationOf(bearer, session), action)

/** @throws PodiumError the refusal */
export const checkRelation = (relation: Relation, action: MemberAction): void => {
  const verdict = MEMBERS[action][relation]
  if (verdict !== true) throw new PodiumError(verdict)
}

/** The principals that an action admits; undefined for a caller without a token. */
type Caller<A extends Action> =
  | ((typeof CALLERS)[A]['user'] extends true ? UserPrincipal : never)
  | ((typeof CALLERS)[A]['player'] extends true ? PlayerPrincipal : never)
  | ((typeof CALLERS)[A]['display'] extends true ? DisplayPrincipal : never)
  | ((typeof CALLERS)[A]['anonymous'] extends true ? undefined : never)

/** Rates at this edge, over whatever connection. Answers are counted where they are accepted. */
export interface RatePolicies {
  /** What one user or one player asks for, but joins, imports and answers. */
  readonly commands: RatePolicy
  /** Imports of one user. */
  readonly imports: RatePolicy
  /** Joins of one user. */
  readonly joins: RatePolicy
  /** Requests without a token from one address; a whole school may share one. */
  readonly address: RatePolicy
  /** Invalid tokens from one address, beyond which no unknown token of it is verified. */
  readonly invalidTokens: RatePolicy
}

const idOf = (principal: Principal): string => {
  if (principal.kind === 'user') return principal.userId
  return principal.kind === 'player' ? principal.playerId : principal.displayId
}

export type Authentication = ReturnType<typeof createAuthentication>

/**
 * Who sends a request, whether they may, and whether they send too many. Everything throws PodiumError `unauthorized`,
 * `rate-limited`, `unavailable`, or the refusal of the tables above.
 */
export const createAuthentication = (deps: {
  readonly tokens: Pick<TokenVerifier, 'recall' | 'verify'>
  readonly policies: RatePolicies
  readonly clock: Pick<Clock, 'monotonic'>
  /** True while the event loop is so late that players who are connected have to come first. Default: never. */
  readonly isBusy?: () => boolean
}) => {
  const { tokens, policies, clock, isBusy = () => false } = deps
  const withoutToken = createRates({ name: 'address', policy: policies.address })
  const invalid = createRates({ name: 'invalid-tokens', policy: policies.invalidTokens })
  const rates = {
    commands: createRates({ name: 'commands', policy: policies.commands }),
    imports: createRates({ name: 'imports', policy: policies.imports, keys: 10_000 }),
    joins: createRates({ name: 'joins', policy: policies.joins }),
  }

  const countAnonymous = (address: string): void => {
    if (address !== '') withoutToken.take(address, clock.monotonic())
  }

  /** A signature costs more than anything else here: a client that sends invalid ones does not get many of them verified. */
  const verify = (token: string, address: string): Promise<Principal> => {
    if (address === '') return tokens.verify(token)
    invalid.check(address, clock.monotonic())
    return tokens.verify(token).catch((err: unknown) => {
      if (err instanceof PodiumError && err.code === 'unauthorized') invalid.take(address, clock.monotonic())
      throw err
    })
  }

  const check = (principal: Principal | undefined, action: Action): boolean => {
    const verdict = CALLERS[action][principal?.kind ?? 'anonymous']
    if (verdict !== true) throw new PodiumError(verdict)
    return principal !== undefined
  }

  const count = (principal: Principal | undefined, action: Action): void => {
    if (action === 'answer.submit') return
    const isNew = action === 'session.join' || action === 'stream.open' || action === 'socket.open'
    if (isNew && isBusy()) throw new PodiumError('unavailable', { cause: new Error('the event loop is late') })
    if (principal === undefined) return
    const id = idOf(principal)
    const rate = action === 'session.join' ? rates.joins : action === 'quiz.import' ? rates.imports : rates.commands
    rate.take(id, clock.monotonic())
  }

  const letIn = <A extends Action>(principal: Principal | undefined, action: A): Caller<A> => {
    check(principal, action)
    count(principal, action)
    return principal as Caller<A>
  }

  /**
   * At once when the token was verified before. Requests without a token and those with an invalid one count against their
   * address, apart from each other; all others against their user or player only.
   */
  const admitToken = <A extends Action>(
    token: string | undefined,
    action: A,
    address: () => string,
  ): Caller<A> | Promise<Caller<A>> => {
    if (token === undefined) {
      countAnonymous(address())
      return letIn(undefined, action)
    }
    const known = tokens.recall(token)
    return known === undefined
      ? verify(token, address()).then((principal) => letIn(principal, action))
      : letIn(known, action)
  }

  return {
    admitToken,
    /** The same for the token in the Authorization header. */
    admit: <A extends Action>(request: Request, action: A): Caller<A> | Promise<Caller<A>> =>
      admitToken(bearerToken(request), action, request.address),
    /**
     * Whether a known client sends the request and may, before a long body is kept; at once when the token was verified
     * before. Counts against the address only.
     */
    preauthenticate: (request: Request, action: Action): boolean | Promise<boolean> => {
      const token = bearerToken(request)
      if (token === undefined) {
        countAnonymous(request.address())
        return check(undefined, action)
      }
      const known = tokens.recall(token)
      return known === undefined
        ? verify(token, request.address()).then((principal) => check(principal, action))
        : check(known, action)
    },
  }
}

const TICK_MS = 250

/** How late the event loop is, measured with a timer of its own; costs four wake-ups a second. */
export const watchLateness = (clock: Pick<Clock, 'monotonic'>) => {
  let before = 0
  let last = 0
  let dueAt = clock.monotonic() + TICK_MS
  const timer = setInterval(() => {
    const now = clock.monotonic()
    before = last
    last = Math.max(0, now - dueAt)
    dueAt = now + TICK_MS
  }, TICK_MS)
  timer.unref()
  return {
    /** Milliseconds by which the last ticks came late: the smaller of two, so that one long pause is not load. */
    current: (): number => Math.min(before, last),
    stop: (): void => clearInterval(timer),
  }
}
