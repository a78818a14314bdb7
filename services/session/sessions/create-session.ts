import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Logger } from '#platform/logger'
import { joinCodeLength, SHORT_CODES } from '../../game/join-code.ts'
import { isUnscored } from '../../game/kinds/kinds.ts'
import { newestVersion } from '../../game/scoring/rules.ts'
import type { RequestName } from '../../game/session/admission.ts'
import { initialState } from '../../game/session/decide.ts'
import { prepareQuestions, questionsFaults } from '../../game/session/prepare-questions.ts'
import { completeSettings, type Settings, type SettingsInput } from '../../game/session/settings.ts'
import { TEXT_VERSION } from '../../game/text.ts'
import type { Idempotency } from '../idempotency.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Quiz, QuizStore } from '../quizzes/quiz-store.ts'
import type { Quotas } from '../quotas.ts'
import type { IdGenerator } from './id-generator.ts'
import { publishCommitted } from './move.ts'
import { type Actor, authorize, mayTouch } from './permissions.ts'
import type { NewSession, Session, SessionStore } from './session.ts'

/** With a thousand live sessions one code in a million is taken; a quiz that is being changed is read again. */
const MAX_ATTEMPTS = 5

/** The path exists: what is not found is named in the body. */
const noSuchQuiz = (): PodiumError =>
  new PodiumError('not-found', { errors: [{ pointer: '/quizId', code: 'not-found' }] })

/** What its host gets of a new session. */
export type CreatedSession = Pick<Session, 'sessionId' | 'joinCode' | 'settings'>

/**
 * Opens a session of a quiz in its lobby.
 * @throws PodiumError `forbidden`, `not-found`, `malformed` with every fault, `quota-exceeded`, `idempotency-key-reused`
 */
export const createCreateSession =
  (deps: {
    readonly quizzes: Pick<QuizStore, 'find'>
    readonly sessions: SessionStore
    readonly idempotency: Idempotency
    readonly quotas: Pick<Quotas, 'session'>
    readonly outbox: Outbox
    readonly ids: IdGenerator
    readonly clock: Clock
    readonly logger: Logger
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly quizId: string
    readonly settings: SettingsInput
    readonly once: RequestName | undefined
  }): Promise<CreatedSession> => {
    const { quizzes, sessions, idempotency, quotas, outbox, ids, clock, logger } = deps
    const actor = authorize('session.create', input.actor)
    const checked = completeSettings(input.settings)
    if (!checked.ok) throw new PodiumError('malformed', { errors: checked.errors })
    const settings = checked.value
    const codeLength = joinCodeLength(await sessions.countLive(SHORT_CODES))
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const quiz = isId(input.quizId) ? await quizzes.find(input.quizId) : undefined
      if (quiz === undefined || mayTouch('session.create', actor, quiz) !== 'allowed') throw noSuchQuiz()
      const created = newSession(quiz, settings, ids, codeLength, clock.now())
      const { sessionId, quizId, joinCode, seed, questionCount } = created
      const result: CreatedSession = { sessionId, joinCode, settings }
      const made = await idempotency.once(input.once, result, async (inside) => {
        await quotas.session(created.hostId)
        return sessions.create(created, inside)
      })
      if (made === undefined) continue
      if (made.isRepeat) return made.result
      logger.info({ sessionId, quizId, seed, questionCount }, 'session created')
      await publishCommitted(outbox, sessionId)
      return result
    }
    throw new PodiumError('unavailable', { cause: new Error('no free join code, or a quiz that does not stand still') })
  }

/** @throws PodiumError `malformed` when it cannot be played */
const newSession = (
  quiz: Quiz,
  settings: Settings,
  ids: IdGenerator,
  codeLength: number,
  createdAt: number,
): NewSession => {
  const seed = ids.seed()
  const questions = prepareQuestions(quiz.questions, settings, seed)
  const errors = questionsFaults(questions, settings)
  if (errors.length > 0) throw new PodiumError('malformed', { errors })
  return {
    sessionId: ids.id(),
    quizId: quiz.quizId,
    quizRevision: quiz.revision,
    hostId: quiz.hostId,
    title: quiz.title,
    joinCode: ids.joinCode(codeLength),
    settings,
    seed,
    questions,
    scoringVersion: newestVersion(settings.scoring, settings.lagCompensation) ?? 1,
    textVersion: TEXT_VERSION,
    questionCount: questions.length,
    unscored: questions.filter(({ kind }) => isUnscored(kind)).map(({ index }) => index),
    playerCount: 0,
    countedAt: 0,
    nextJoinOrder: 1,
    state: initialState(questions.map(({ timeLimitMs }) => timeLimitMs)),
    createdAt,
  }
}
