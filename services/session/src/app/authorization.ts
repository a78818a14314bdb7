import { PodiumError } from '#lib/errors'
import { isId } from '#lib/ids'
import type { Actor, Session } from './ports.ts'

/** The role that may create quizzes and sessions. */
const HOST = 'host'

/** @throws PodiumError `unauthorized` without a user, `forbidden` without the role. */
export const requireHost = (actor: Actor | undefined): Actor => {
  if (actor === undefined || actor.userId === '') throw new PodiumError('unauthorized')
  if (!actor.roles.includes(HOST)) throw new PodiumError('forbidden')
  return actor
}

/** Somebody else's session looks as if it did not exist. @throws PodiumError `not-found` */
export const requireOwner = (actor: Actor, session: Session | undefined): Session => {
  if (session === undefined || session.hostId !== actor.userId) throw new PodiumError('not-found')
  return session
}

/** An id from outside, fit for a query. @throws PodiumError `not-found` */
export const requireId = (id: string): string => {
  if (!isId(id)) throw new PodiumError('not-found')
  return id
}
