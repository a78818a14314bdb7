/**
 * What users may do to quizzes and sessions. The edge has decided before whether the token is of the right kind, and decides
 * by itself what it can answer from its own copy; its half of the table is in services/edge/auth/permissions.ts.
 *
 * `role`: what the token must name. `of`: whose object it must be; somebody else's looks as if it did not exist.
 * Who may join is a matter of the session's state and settings: `domain/admission.ts`.
 */
export const PERMISSIONS = {
  'quiz.create': { role: 'host', of: 'nobody' },
  'quiz.import': { role: 'host', of: 'nobody' },
  'quiz.read': { role: 'host', of: 'self' },
  /** The object is the quiz that is played. */
  'session.create': { role: 'host', of: 'self' },
  'session.control': { role: 'host', of: 'self' },
  'session.results': { role: 'host', of: 'self' },
  'player.remove': { role: 'host', of: 'self' },
} as const satisfies Record<string, { readonly role: string; readonly of: 'nobody' | 'self' }>

export type Action = keyof typeof PERMISSIONS

/** Who asks, as the edge has verified. */
export interface Asker {
  readonly userId: string
  readonly roles: readonly string[]
}

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
  PERMISSIONS[action].of === 'nobody' || object?.hostId === asker.userId ? 'allowed' : 'not-found'
