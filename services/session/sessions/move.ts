import type { Clock } from '#platform/clock'
import { failpoint } from '#platform/failpoint'
import type { Logger } from '#platform/logger'
import { decide } from '../../game/session/decide.ts'
import { evolve } from '../../game/session/evolve.ts'
import { dueAt } from '../../game/session/phase.ts'
import type { Outcome, SessionCommand } from '../../game/session/state.ts'
import type { AnswerStreams } from '../closing/answer-streams.ts'
import { feedOutbox, timerOutbox } from '../outbox/messages.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { shownIndexes } from './get-session.ts'
import type { LockedSession, Session, SessionStore } from './session.ts'

export interface Moved {
  readonly outcome: Outcome
  /** After the command. */
  readonly session: Session
}

/**
 * Decides a command on a locked session and records its events, a FEED message for each, and a timer when there is a new
 * deadline. `session` is the locked one with what this transaction has already changed.
 */
export const decideLocked = async (
  locked: LockedSession,
  session: Session,
  command: SessionCommand,
  clock: Clock,
): Promise<Moved> => {
  // Read here, where no other command can move the session.
  const now = clock.now()
  const outcome = decide(session.state, command, session.settings, now)
  if (outcome.type !== 'accepted' || outcome.events.length === 0) return { outcome, session }

  let after = session
  const steps = outcome.events.map((event) => {
    after = { ...after, state: evolve(after.state, event) }
    return { event, session: after }
  })
  const indexes = [...new Set(steps.flatMap((step) => shownIndexes(step.session)))]
  const questions = indexes.length === 0 ? [] : await locked.questions(indexes)
  const messages = steps.map((step) => feedOutbox({ session: step.session, questions }, step.event, now))
  const { state, sessionId } = after
  const due = dueAt(state)
  if (due !== undefined && state.phaseEpoch !== session.state.phaseEpoch) {
    messages.push(timerOutbox(sessionId, state.phaseEpoch, due))
  }
  await locked.record({ events: outcome.events, state, messages })
  return { outcome, session: after }
}

/** After a commit: publishes what it left in the outbox. */
export const publishCommitted = async (outbox: Outbox, sessionId: string): Promise<void> => {
  failpoint('session.after-commit')
  await outbox.flush(sessionId)
}

/** Runs before the command is decided, with the session locked: throws to refuse, or returns false to do nothing. */
export type Guard = (session: Session, locked: LockedSession) => boolean | Promise<boolean>

/** Applies one command to one session. Undefined when there is no such session or the guard returned false. */
export type Move = (sessionId: string, command: SessionCommand, guard?: Guard) => Promise<Moved | undefined>

export const createMove =
  (deps: {
    readonly sessions: SessionStore
    readonly outbox: Outbox
    readonly answerStreams: Pick<AnswerStreams, 'watch'>
    readonly maxExtensionMs: number
    readonly clock: Clock
    readonly logger: Logger
  }): Move =>
  async (sessionId, command, guard = () => true) => {
    const { sessions, outbox, answerStreams, maxExtensionMs, clock, logger } = deps
    const moved = await sessions.locked(sessionId, async (locked) =>
      (await guard(locked.session, locked)) ? decideLocked(locked, locked.session, command, clock) : undefined,
    )
    if (moved?.outcome.type !== 'accepted' || moved.outcome.events.length === 0) return moved
    const events = moved.outcome.events.map(({ type }) => type)
    logger.info({ sessionId, events, epoch: moved.session.state.epoch }, 'session moved')
    const { phase } = moved.session.state
    // As long as an outage could keep it open.
    if (phase.status === 'question_open') answerStreams.watch(sessionId, phase.closesAt + maxExtensionMs)
    await publishCommitted(outbox, sessionId)
    return moved
  }
