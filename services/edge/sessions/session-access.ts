import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { DisplayPrincipal, PlayerPrincipal, Principal, UserPrincipal } from '#platform/tokens/token-verifier'
import { checkMember, checkRelation, type MemberAction } from '../auth/authentication.ts'
import type { SessionReplica } from './session-replica.ts'
import type { SessionReplicas } from './session-replicas.ts'

/** A caller who may do something in a session. */
export type Member =
  | { readonly role: 'host'; readonly principal: UserPrincipal; readonly replica: SessionReplica }
  | { readonly role: 'display'; readonly principal: DisplayPrincipal; readonly replica: SessionReplica }
  | { readonly role: 'player'; readonly principal: PlayerPrincipal; readonly replica: SessionReplica }

export type SessionAccess = ReturnType<typeof createSessionAccess>

/**
 * Admits a caller to a session that this edge holds or can load.
 * @throws PodiumError the refusal of the table in auth; `not-found` also when there is no such session; `unavailable`
 */
export const createSessionAccess =
  (replicas: SessionReplicas) =>
  async (principal: Principal, sessionId: string, action: MemberAction): Promise<Member> => {
    if (!isId(sessionId)) throw new PodiumError('not-found')
    // A player is a stranger everywhere else, whether there is such a session or not, and so is a display.
    if (principal.kind !== 'user' && principal.sessionId !== sessionId) checkRelation('stranger', action)
    const replica = await replicas.get(sessionId)
    if (replica === undefined) throw new PodiumError('not-found')
    checkMember(principal, replica, action)
    switch (principal.kind) {
      case 'user':
        return { role: 'host', principal, replica }
      case 'display':
        return { role: 'display', principal, replica }
      case 'player':
        return { role: 'player', principal, replica }
      default:
        return principal satisfies never
    }
  }
