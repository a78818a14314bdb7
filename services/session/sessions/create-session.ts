import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import { initialState } from '../../game/session/decide.ts'
import { dealDeck, deckFaults } from '../../game/session/prepare-questions.ts'
import { completeSettings, type SettingsInput } from '../../game/session/settings.ts'
import type { Actor, Chance, NewSession, Outbox, Quizzes, Session, Sessions } from '../ports.ts'
import { authorize, authorizeOn, requireId } from './authorization.ts'
import { publishCommitted } from './move.ts'

export interface CreateSessionDeps {
  readonly quizzes: Quizzes
  readonly sessions: Sessions
  readonly outbox: Outbox
  readonly chance: Chance
  readonly clock: Clock
  readonly logger: Logger
}

/** With a thousand live sessions one code in a million is taken. */
const JOIN_CODE_ATTEMPTS = 5

/** Opens a session of a quiz in its lobby. @throws PodiumError `forbidden`, `not-found`, `malformed` with every fault */
export const createCreateSession =
  ({ quizzes, sessions, outbox, chance, clock, logger }: CreateSessionDeps) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly quizId: string
    readonly settings: SettingsInput
  }): Promise<Session> => {
    const actor = authorize('session.create', input.actor)
    const checked = completeSettings(input.settings)
    if (!checked.ok) throw new PodiumError('malformed', { errors: checked.errors })
    const settings = checked.value
    const quiz = authorizeOn('session.create', actor, await quizzes.find(requireId(input.quizId)))
    const seed = chance.seed()
    const deck = dealDeck(quiz.questions, settings, seed)
    const errors = deckFaults(deck, settings)
    if (errors.length > 0) throw new PodiumError('malformed', { errors })

    const session: Omit<NewSession, 'joinCode'> = {
      sessionId: chance.id(),
      quizId: quiz.quizId,
      hostId: actor.userId,
      title: quiz.title,
      settings,
      seed,
      deck,
      questionCount: deck.length,
      playerCount: 0,
      nextJoinOrder: 1,
      state: initialState(deck.map(({ timeLimitMs }) => timeLimitMs)),
      createdAt: clock.now(),
    }
    for (let attempt = 1; attempt <= JOIN_CODE_ATTEMPTS; attempt += 1) {
      const created = { ...session, joinCode: chance.joinCode() }
      if (!(await sessions.create(created))) continue
      const { sessionId, quizId } = created
      logger.info({ sessionId, quizId, seed, questionCount: deck.length }, 'session created')
      await publishCommitted(outbox, sessionId)
      return created
    }
    throw new PodiumError('unavailable', { cause: new Error('no free join code') })
  }
