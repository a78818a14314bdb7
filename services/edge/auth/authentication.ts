import { PodiumError } from '#platform/errors'
import { bearerToken, type Request } from '../http/request.ts'
import type { PlayerPrincipal, Principal, TokenVerifier, UserPrincipal } from '../ports.ts'
import type { Limits } from './limits.ts'
import { type Action, CALLERS } from './permissions.ts'

/** Callers that an action admits, by the kind of their token; undefined for one without. */
export type Caller<A extends Action> =
  | ((typeof CALLERS)[A]['user'] extends true ? UserPrincipal : never)
  | ((typeof CALLERS)[A]['player'] extends true ? PlayerPrincipal : never)
  | ((typeof CALLERS)[A]['nobody'] extends true ? undefined : never)

/**
 * Who sends a request, and whether they send too many.
 * @throws PodiumError `unauthorized`, `rate-limited`, `unavailable`, or the refusal of `domain/permissions.ts`
 */
export interface Authentication {
  /** At once when the token was verified before. */
  admit<A extends Action>(request: Request, action: A): Caller<A> | Promise<Caller<A>>
  /**
   * Whether its sender is verified and allowed, before a long body is kept; at once when the token was verified before. Counts for
   * the address only.
   */
  preauthenticate(request: Request, action: Action): boolean | Promise<boolean>
  /** The same as `admit` for a token that did not come in the header. */
  admitToken<A extends Action>(token: string | undefined, action: A, address: string): Caller<A> | Promise<Caller<A>>
}

export interface AuthenticationDeps {
  readonly tokens: TokenVerifier
  readonly limits: Limits
}

export const createAuthentication = ({ tokens, limits }: AuthenticationDeps): Authentication => {
  const admitToken = <A extends Action>(
    token: string | undefined,
    action: A,
    address: string,
  ): Caller<A> | Promise<Caller<A>> => {
    // Before the signature is looked at, which costs more than anything else here.
    limits.address(address)
    if (token === undefined) return letIn(undefined, action)
    const known = tokens.recall(token)
    return known === undefined
      ? tokens.verify(token).then((principal) => letIn(principal, action))
      : letIn(known, action)
  }

  const letIn = <A extends Action>(principal: Principal | undefined, action: A): Caller<A> => {
    check(principal, action)
    count(action, principal)
    return principal as Caller<A>
  }

  const check = (principal: Principal | undefined, action: Action): boolean => {
    const verdict = CALLERS[action][principal?.kind ?? 'nobody']
    if (verdict !== true) throw new PodiumError(verdict)
    return principal !== undefined
  }

  const preauthenticate = (request: Request, action: Action): boolean | Promise<boolean> => {
    limits.address(request.address)
    const token = bearerToken(request)
    if (token === undefined) return check(undefined, action)
    const known = tokens.recall(token)
    return known === undefined
      ? tokens.verify(token).then((principal) => check(principal, action))
      : check(known, action)
  }

  const count = (action: Action, principal: Principal | undefined): void => {
    if (action === 'answer.submit') return // counted where answers are accepted, whatever way they come
    if (action === 'session.join' || action === 'stream.open' || action === 'socket.open') limits.newcomer()
    if (principal === undefined) return
    const id = principal.kind === 'user' ? principal.userId : principal.playerId
    limits.count(action === 'session.join' ? 'joins' : action === 'quiz.import' ? 'imports' : 'commands', id)
  }

  return {
    preauthenticate,
    admitToken,
    admit: (request, action) => admitToken(bearerToken(request), action, request.address),
  }
}
