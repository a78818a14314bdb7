import { PodiumError } from '#lib/errors'
import { isId } from '#lib/ids'
import type { PlayerPrincipal, Principal, SessionReplica, SessionReplicas, UserPrincipal } from './ports.ts'

/** Somebody who may look at a session. */
export type Member =
  | { readonly role: 'host'; readonly principal: UserPrincipal; readonly replica: SessionReplica }
  | { readonly role: 'player'; readonly principal: PlayerPrincipal; readonly replica: SessionReplica }

/**
 * Who may see what of a session.
 * @throws PodiumError `not-found` (no such session, or another host's), `forbidden` (a player of another session),
 * `unauthorized` (a removed player), `unavailable`
 */
export type SessionAccess = (principal: Principal, sessionId: string) => Promise<Member>

export const createSessionAccess = ({ replicas }: { readonly replicas: SessionReplicas }): SessionAccess => {
  return async (principal, sessionId) => {
    if (!isId(sessionId)) throw new PodiumError('not-found')
    if (principal.kind === 'player' && principal.sessionId !== sessionId) throw new PodiumError('forbidden')
    const replica = await replicas.get(sessionId)
    if (replica === undefined) throw new PodiumError('not-found')
    if (principal.kind === 'player') {
      if (replica.isRemoved(principal.playerId)) throw new PodiumError('unauthorized')
      return { role: 'player', principal, replica }
    }
    if (replica.internal.hostUserId !== principal.userId) throw new PodiumError('not-found')
    return { role: 'host', principal, replica }
  }
}
