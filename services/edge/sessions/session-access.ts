import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import { MEMBERS, type MemberAction, type Relation, relationOf } from '../auth/permissions.ts'
import type { PlayerPrincipal, Principal, SessionReplica, SessionReplicas, UserPrincipal } from '../ports.ts'

/** A caller with a role in a session. */
export type Member =
  | { readonly role: 'host'; readonly principal: UserPrincipal; readonly replica: SessionReplica }
  | { readonly role: 'player'; readonly principal: PlayerPrincipal; readonly replica: SessionReplica }

/**
 * Admits the callers that `auth/permissions.ts` admits.
 * @throws PodiumError its refusal; `not-found` also when there is no such session; `unavailable`
 */
export type SessionAccess = (principal: Principal, sessionId: string, action: MemberAction) => Promise<Member>

export const createSessionAccess = ({ replicas }: { readonly replicas: SessionReplicas }): SessionAccess => {
  return async (principal, sessionId, action) => {
    if (!isId(sessionId)) throw new PodiumError('not-found')
    // A player is a stranger everywhere else, whether there is such a session or not.
    if (principal.kind === 'player' && principal.sessionId !== sessionId) refuse(action, 'stranger')
    const replica = await replicas.get(sessionId)
    if (replica === undefined) throw new PodiumError('not-found')
    checkMember(principal, replica, action)
    return principal.kind === 'player' ? { role: 'player', principal, replica } : { role: 'host', principal, replica }
  }
}

/** @throws PodiumError the refusal */
export const checkMember = (principal: Principal, replica: SessionReplica, action: MemberAction): void =>
  refuse(action, relationOf(principal, replica))

const refuse = (action: MemberAction, relation: Relation): void => {
  const verdict = MEMBERS[action][relation]
  if (verdict !== true) throw new PodiumError(verdict)
}
