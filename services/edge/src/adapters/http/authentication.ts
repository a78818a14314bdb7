import { PodiumError } from '#lib/errors'
import type { PlayerPrincipal, TokenVerifier, UserPrincipal } from '../../app/ports.ts'
import { type Action, CALLERS } from '../../domain/permissions.ts'
import { bearerToken, type Request } from './request.ts'

/** Whom an action lets in, by the kind of their token; undefined for somebody without one. */
export type Caller<A extends Action> =
  | ((typeof CALLERS)[A]['user'] extends true ? UserPrincipal : never)
  | ((typeof CALLERS)[A]['player'] extends true ? PlayerPrincipal : never)
  | ((typeof CALLERS)[A]['nobody'] extends true ? undefined : never)

/** Who sends a request. */
export interface Authentication {
  /** @throws PodiumError `unauthorized`, `unavailable`, or the refusal of `domain/permissions.ts` */
  admit<A extends Action>(request: Request, action: A): Promise<Caller<A>>
}

export const createAuthentication = ({ tokens }: { readonly tokens: TokenVerifier }): Authentication => ({
  admit: async <A extends Action>(request: Request, action: A): Promise<Caller<A>> => {
    const token = bearerToken(request)
    const principal = token === undefined ? undefined : (tokens.recall(token) ?? (await tokens.verify(token)))
    const verdict = CALLERS[action][principal?.kind ?? 'nobody']
    if (verdict !== true) throw new PodiumError(verdict)
    return principal as Caller<A>
  },
})
