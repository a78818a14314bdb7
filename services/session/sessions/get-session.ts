import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import { parseJoinCode } from '../../game/join-code.ts'
import { currentQuestion, upcomingIndex } from '../../game/session/phase.ts'
import { type Page, type PageInput, pageFrom, pageOf } from '../paging.ts'
import type { JoinLimits } from '../players/join-limits.ts'
import type { PlayerTokens } from '../players/player-tokens.ts'
import { publicStatus } from './feed-message.ts'
import { type Actor, authorize, authorizeOn, requireId } from './permissions.ts'
import type { ListedPlayer, ListedSession, Session, SessionStore, SessionView } from './session.ts'

/** Indexes of the questions that a state shows: the open one and the one revealed last. */
export const shownIndexes = ({ state }: Pick<Session, 'state'>): readonly number[] =>
  [currentQuestion(state)?.index, state.revealed?.index, upcomingIndex(state)].filter((index) => index !== undefined)

/** The state of a session now, for edges. @throws PodiumError `not-found` */
export const createGetSession =
  ({ sessions }: { readonly sessions: SessionStore }) =>
  async (sessionId: string): Promise<SessionView> => {
    const session = isId(sessionId) ? await sessions.find(sessionId) : undefined
    if (session === undefined) throw new PodiumError('not-found')
    const indexes = shownIndexes(session)
    const [questions, generations] = await Promise.all([
      indexes.length === 0 ? [] : sessions.questions(sessionId, indexes),
      sessions.generations(sessionId),
    ])
    return { session, questions, generations }
  }

/** Nicknames by player id; ids of no player of the session are left out. */
export const createRoster =
  ({ sessions }: { readonly sessions: SessionStore }) =>
  async (sessionId: string, playerIds: readonly string[]) =>
    isId(sessionId) ? sessions.roster(sessionId, playerIds.filter(isId)) : []

/** Ids of the questions in the order of play. @throws PodiumError `not-found` */
export const createQuestionIds =
  ({ sessions }: { readonly sessions: SessionStore }) =>
  async (sessionId: string): Promise<readonly string[]> => {
    const ids = isId(sessionId) ? await sessions.questionIds(sessionId) : []
    if (ids.length === 0) throw new PodiumError('not-found')
    return ids
  }

export interface JoinPreview {
  readonly sessionId: string
  readonly title: string
  readonly status: string
  readonly access: string
  readonly playerCount: number
  readonly full: boolean
  readonly locked: boolean
}

/**
 * What a join code leads to; limited like joining, because it tells as much about codes.
 * @throws PodiumError `session-not-found`, `rate-limited`
 */
export const createJoinPreview =
  ({ sessions, joinLimits }: { readonly sessions: SessionStore; readonly joinLimits: JoinLimits }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly joinCode: string
    readonly origin: string
  }): Promise<JoinPreview> => {
    const { actor, origin } = input
    const attempt = { caller: actor && `user ${actor.userId}`, origin }
    joinLimits.check(attempt)
    const joinCode = parseJoinCode(input.joinCode)
    const door = joinCode === undefined ? undefined : await sessions.findDoor(joinCode)
    const session = door === undefined ? undefined : await sessions.find(door.sessionId)
    if (session === undefined) {
      joinLimits.failed(attempt)
      throw new PodiumError('session-not-found')
    }
    joinLimits.session(session.sessionId, attempt)
    const { title, settings, playerCount, state } = session
    return {
      sessionId: session.sessionId,
      title,
      status: publicStatus(state),
      access: settings.access,
      playerCount,
      full: playerCount >= settings.maxParticipants,
      locked: state.locked,
    }
  }

const STATUSES = ['lobby', 'starting', 'question_open', 'question_closed', 'paused', 'finished', 'cancelled']

/** The host's own sessions, newest first. @throws PodiumError `forbidden`, `malformed` */
export const createListSessions =
  ({ sessions }: { readonly sessions: SessionStore }) =>
  async (
    input: PageInput & { readonly actor: Actor | undefined; readonly status: string | undefined },
  ): Promise<Page<ListedSession>> => {
    const { userId: hostId } = authorize('session.list', input.actor)
    const { status } = input
    const isKnown = status === undefined || STATUSES.includes(status)
    const { limit, before } = pageOf(input, isKnown ? [] : [{ pointer: '/status', code: 'enum' }])
    const found = await sessions.ofHost({ hostId, status, before, limit: limit + 1 })
    return pageFrom(found, limit, ({ createdAt: at, sessionId: id }) => ({ at, id }))
  }

/** Everyone who ever joined a session of the host's, in the order of joining. @throws PodiumError `forbidden`, `not-found`, `malformed` */
export const createListPlayers =
  ({ sessions }: { readonly sessions: SessionStore }) =>
  async (
    input: PageInput & { readonly actor: Actor | undefined; readonly sessionId: string },
  ): Promise<Page<ListedPlayer>> => {
    const actor = authorize('session.players', input.actor)
    const { sessionId } = authorizeOn('session.players', actor, await sessions.find(requireId(input.sessionId)))
    const { limit, before: last } = pageOf(input)
    const found = await sessions.players(sessionId, last?.at ?? 0, limit + 1)
    return pageFrom(found, limit, ({ joinOrder: at, playerId: id }) => ({ at, id }))
  }

/** A token for a screen that shows a session of the host's. @throws PodiumError `forbidden`, `not-found` */
export const createDisplayToken =
  ({ sessions, tokens }: { readonly sessions: SessionStore; readonly tokens: PlayerTokens }) =>
  async (input: { readonly actor: Actor | undefined; readonly sessionId: string }) => {
    const actor = authorize('session.display', input.actor)
    const { sessionId } = authorizeOn('session.display', actor, await sessions.find(requireId(input.sessionId)))
    return tokens.issueDisplay(sessionId)
  }
