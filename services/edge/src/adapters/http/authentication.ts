import { PodiumError } from '#lib/errors'
import type { PlayerPrincipal, Principal, TokenVerifier, UserPrincipal } from '../../app/ports.ts'
import { bearerToken, type Request } from './request.ts'

/** Who sends a request. */
export interface Authentication {
  /** @throws PodiumError `unauthorized` */
  anyone(request: Request): Promise<Principal>
  /** @throws PodiumError `unauthorized`, `forbidden` for a player token */
  user(request: Request): Promise<UserPrincipal>
  /** As `user`, but undefined for a request without an Authorization header. */
  userOrGuest(request: Request): Promise<UserPrincipal | undefined>
  /** @throws PodiumError `unauthorized`, `forbidden` for a user token or a player of another session */
  player(request: Request, sessionId: string): Promise<PlayerPrincipal>
}

export const createAuthentication = ({ tokens }: { readonly tokens: TokenVerifier }): Authentication => {
  const anyone = async (request: Request): Promise<Principal> => {
    const token = bearerToken(request)
    if (token === undefined || token === '') throw new PodiumError('unauthorized')
    return tokens.verify(token)
  }
  const user = async (request: Request): Promise<UserPrincipal> => {
    const principal = await anyone(request)
    if (principal.kind !== 'user') throw new PodiumError('forbidden')
    return principal
  }
  return {
    anyone,
    user,
    userOrGuest: async (request) => (bearerToken(request) === undefined ? undefined : user(request)),
    player: async (request, sessionId) => {
      const principal = await anyone(request)
      if (principal.kind !== 'player' || principal.sessionId !== sessionId) throw new PodiumError('forbidden')
      return principal
    },
  }
}
