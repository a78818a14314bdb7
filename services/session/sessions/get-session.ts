import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Player } from '../../game/session/admission.ts'
import { currentQuestion } from '../../game/session/phase.ts'
import type { Session, SessionStore } from './session.ts'
import type { ShownQuestion } from './shown-questions.ts'

/** A session with the questions that its state speaks of. */
export interface SessionView {
  readonly session: Session
  readonly questions: readonly ShownQuestion[]
  /** Players whose older tokens are out of date; only where edges ask for the session. */
  readonly generations?: readonly Pick<Player, 'playerId' | 'generation'>[]
}

/** Indexes of the questions that a state shows: the open one and the one revealed last. */
export const shownIndexes = ({ state }: Pick<Session, 'state'>): readonly number[] =>
  [currentQuestion(state)?.index, state.revealed?.index].filter((index) => index !== undefined)

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
