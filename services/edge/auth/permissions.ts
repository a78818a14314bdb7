/**
 * Who may do what, as far as the edge decides. What a user may do to a quiz or a session is decided by `session`, which
 * knows whose they are; its half of the table is in services/session/sessions/permissions.ts.
 *
 * First, by the kind of token: `true` lets the request in, anything else is the refusal.
 */
const USERS = { nobody: 'unauthorized', user: true, player: 'forbidden' } as const
const USERS_AND_GUESTS = { nobody: true, user: true, player: 'forbidden' } as const
const PLAYERS = { nobody: 'unauthorized', user: 'forbidden', player: true } as const
const ANYBODY_KNOWN = { nobody: 'unauthorized', user: true, player: true } as const

export const CALLERS = {
  'quiz.create': USERS,
  'quiz.import': USERS,
  'quiz.read': USERS,
  'session.create': USERS,
  'session.control': USERS,
  'session.results': USERS,
  'session.join': USERS_AND_GUESTS,
  'player.remove': USERS,
  'player.leave': PLAYERS,
  'session.read': ANYBODY_KNOWN,
  'board.read': ANYBODY_KNOWN,
  'stream.open': ANYBODY_KNOWN,
  'socket.open': ANYBODY_KNOWN,
  'stream.replay': ANYBODY_KNOWN,
  // A good token of the wrong kind learns what is missing: it is no participant's.
  'answer.submit': ANYBODY_KNOWN,
} as const satisfies Record<string, Readonly<Record<'nobody' | 'user' | 'player', true | Refusal>>>

export type Action = keyof typeof CALLERS

export type Refusal = 'unauthorized' | 'forbidden' | 'not-found' | 'not-a-participant'

/**
 * Second, by what the caller is to the session, for what the edge answers from its own copy of it. To strangers, other hosts
 * as well as players of other sessions, a session looks as if it did not exist.
 */
export type Relation = 'host' | 'player' | 'replaced' | 'removed' | 'stranger'

const INSIDERS = {
  host: true,
  player: true,
  replaced: 'unauthorized',
  removed: 'unauthorized',
  stranger: 'not-found',
} as const

export const MEMBERS = {
  'session.read': INSIDERS,
  'board.read': INSIDERS,
  // Over SSE 401 is what makes a standard client stop reconnecting.
  'stream.open': INSIDERS,
  // A browser cannot see the status of a refused upgrade: a replaced player's WebSocket opens and is closed with 4505.
  'socket.open': { ...INSIDERS, replaced: true },
  'stream.replay': INSIDERS,
  'player.leave': { ...INSIDERS, host: 'forbidden' },
  'answer.submit': { ...INSIDERS, host: 'not-a-participant', stranger: 'not-a-participant' },
} as const satisfies Partial<Record<Action, Readonly<Record<Relation, true | Refusal>>>>

export type MemberAction = keyof typeof MEMBERS

/** What a token says, as far as it matters here. */
export type Bearer =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'player'; readonly playerId: string; readonly sessionId: string; readonly generation: number }

/** What is known of a session, as far as it matters here. */
export interface Members {
  readonly sessionId: string
  readonly hostUserId: string
  isRemoved(playerId: string): boolean
  isReplaced(player: { readonly playerId: string; readonly generation: number }): boolean
}

export const relationOf = (bearer: Bearer, session: Members): Relation => {
  if (bearer.kind === 'user') return bearer.userId === session.hostUserId ? 'host' : 'stranger'
  if (bearer.sessionId !== session.sessionId) return 'stranger'
  if (session.isRemoved(bearer.playerId)) return 'removed'
  return session.isReplaced(bearer) ? 'replaced' : 'player'
}
