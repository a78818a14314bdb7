import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { UserPrincipal } from '#platform/tokens/token-verifier'

/**
 * What users may do to quizzes and sessions. The edge has decided the same by the kind of token before, and decides
 * alone what it can answer from its own copy; its half of the table is in services/edge/auth/authentication.ts.
 *
 * `role`: what the token must name. `of`: whose object it must be; another host's looks as if it did not exist.
 * Joining depends on the session's state and settings: services/game/session/admission.ts.
 */
export const PERMISSIONS = {
  'quiz.create': { role: 'host', of: 'any' },
  'quiz.import': { role: 'host', of: 'any' },
  'quiz.list': { role: 'host', of: 'any' },
  'quiz.read': { role: 'host', of: 'self' },
  'quiz.change': { role: 'host', of: 'self' },
  /** The object is the quiz that is played. */
  'session.create': { role: 'host', of: 'self' },
  'session.list': { role: 'host', of: 'any' },
  'session.control': { role: 'host', of: 'self' },
  'session.results': { role: 'host', of: 'self' },
  'session.players': { role: 'host', of: 'self' },
  'session.display': { role: 'host', of: 'self' },
  'player.remove': { role: 'host', of: 'self' },
} as const satisfies Record<string, { readonly role: string; readonly of: 'any' | 'self' }>

export type Action = keyof typeof PERMISSIONS

/** The user of a request, as the token says. */
export type Actor = Pick<UserPrincipal, 'userId' | 'name' | 'roles'>

type Asker = Pick<Actor, 'userId' | 'roles'>

export type Verdict = 'allowed' | 'unauthorized' | 'forbidden' | 'not-found'

/** Whether this user may do such a thing at all. */
export const mayAsk = (action: Action, asker: Asker | undefined): Verdict => {
  if (asker === undefined || asker.userId === '') return 'unauthorized'
  return asker.roles.includes(PERMISSIONS[action].role) ? 'allowed' : 'forbidden'
}

/** Whether this user, who may do such a thing, may do it to this object; undefined when there is none. */
export const mayTouch = (
  action: Action,
  asker: Asker,
  object: { readonly hostId: string } | undefined,
): Exclude<Verdict, 'unauthorized' | 'forbidden'> =>
  PERMISSIONS[action].of === 'any' || object?.hostId === asker.userId ? 'allowed' : 'not-found'

/** @throws PodiumError `unauthorized` without a user, `forbidden` without the role */
export const authorize = (action: Action, actor: Actor | undefined): Actor => {
  const verdict = mayAsk(action, actor)
  if (verdict !== 'allowed' || actor === undefined)
    throw new PodiumError(verdict === 'forbidden' ? verdict : 'unauthorized')
  return actor
}

/** @throws PodiumError `not-found` when there is no such object or it is another host's */
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
