import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import { initialState } from '../../game/session/decide.ts'
import { dealDeck, deckFaults } from '../../game/session/prepare-questions.ts'
import { completeSettings, type SettingsInput } from '../../game/session/settings.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { QuizStore } from '../quizzes/quizzes.ts'
import type { IdGenerator } from './id-generator.ts'
import { publishCommitted } from './move.ts'
import { type Actor, authorize, authorizeOn, requireId } from './permissions.ts'
import type { NewSession, Session, SessionStore } from './session.ts'

/** With a thousand live sessions one code in a million is taken. */
const JOIN_CODE_ATTEMPTS = 5

/** Opens a session of a quiz in its lobby. @throws PodiumError `forbidden`, `not-found`, `malformed` with every fault */
export const createCreateSession =
  (deps: {
    readonly quizzes: Pick<QuizStore, 'find'>
    readonly sessions: SessionStore
    readonly outbox: Outbox
    readonly ids: IdGenerator
    readonly clock: Clock
    readonly logger: Logger
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly quizId: string
    readonly settings: SettingsInput
  }): Promise<Session> => {
    const { quizzes, sessions, outbox, ids, clock, logger } = deps
    const actor = authorize('session.create', input.actor)
    const checked = completeSettings(input.settings)
    if (!checked.ok) throw new PodiumError('malformed', { errors: checked.errors })
    const settings = checked.value
    const quiz = authorizeOn('session.create', actor, await quizzes.find(requireId(input.quizId)))
    const seed = ids.seed()
    const deck = dealDeck(quiz.questions, settings, seed)
    const errors = deckFaults(deck, settings)
    if (errors.length > 0) throw new PodiumError('malformed', { errors })

    const session: Omit<NewSession, 'joinCode'> = {
      sessionId: ids.id(),
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
      const created = { ...session, joinCode: ids.joinCode() }
      if (!(await sessions.create(created))) continue
      const { sessionId, quizId } = created
      logger.info({ sessionId, quizId, seed, questionCount: deck.length }, 'session created')
      await publishCommitted(outbox, sessionId)
      return created
    }
    throw new PodiumError('unavailable', { cause: new Error('no free join code') })
  }
