import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Actor } from '../ports.ts'
import { type Action, mayAsk, mayTouch } from './permissions.ts'

/** @throws PodiumError `unauthorized` without a user, `forbidden` without the role */
export const authorize = (action: Action, actor: Actor | undefined): Actor => {
  const verdict = mayAsk(action, actor)
  if (verdict !== 'allowed' || actor === undefined)
    throw new PodiumError(verdict === 'forbidden' ? verdict : 'unauthorized')
  return actor
}

/** @throws PodiumError `not-found` when there is no such object or it is somebody else's */
export const authorizeOn = <T extends { readonly hostId: string }>(
  action: Action,
  actor: Actor,
  object: T | undefined,
): T => {
  if (object === undefined || mayTouch(action, actor, object) !== 'allowed') throw new PodiumError('not-found')
  return object
}

/** An id from outside, fit for a query. @throws PodiumError `not-found` */
export const requireId = (id: string): string => {
  if (!isId(id)) throw new PodiumError('not-found')
  return id
}
