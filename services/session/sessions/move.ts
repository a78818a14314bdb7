import type { Clock } from '#platform/clock'
import { failpoint } from '#platform/failpoint'
import type { Logger } from '#platform/logger'
import { decide } from '../../game/session/decide.ts'
import { evolve } from '../../game/session/evolve.ts'
import type { Outcome, SessionCommand, SessionState } from '../../game/session/state.ts'
import type { LockedSession, Outbox, Session, Sessions } from '../ports.ts'

export interface MoveDeps {
  readonly sessions: Sessions
  readonly outbox: Outbox
  readonly clock: Clock
  readonly logger: Logger
}

export interface Moved {
  readonly outcome: Outcome
  /** After the command. */
  readonly state: SessionState
}

/** Decides a command and records what follows from it. The time is read here, when nobody else can move the session. */
export const decideLocked = async (
  { session, record }: LockedSession,
  command: SessionCommand,
  clock: Clock,
): Promise<Moved> => {
  const now = clock.now()
  const outcome = decide(session.state, command, session.settings, now)
  if (outcome.type !== 'accepted' || outcome.events.length === 0) return { outcome, state: session.state }
  let { state } = session
  const transitions = outcome.events.map((event) => {
    state = evolve(state, event)
    return { event, state }
  })
  await record(transitions, now)
  return { outcome, state }
}

/** After a commit: publishes what it left in the outbox. */
export const publishCommitted = async (outbox: Outbox, sessionId: string): Promise<void> => {
  failpoint('session.after-commit')
  await outbox.flush(sessionId)
}

/** Asked before the command is decided, with the session locked: throws to refuse, or returns false to let it be. */
export type Guard = (session: Session, locked: LockedSession) => boolean | Promise<boolean>

/** Applies one command to one session. Undefined when there is no such session or the guard let it be. */
export type Move = (sessionId: string, command: SessionCommand, guard?: Guard) => Promise<Moved | undefined>

export const createMove =
  ({ sessions, outbox, clock, logger }: MoveDeps): Move =>
  async (sessionId, command, guard = () => true) => {
    const moved = await sessions.locked(sessionId, async (locked) =>
      (await guard(locked.session, locked)) ? decideLocked(locked, command, clock) : undefined,
    )
    if (moved?.outcome.type !== 'accepted' || moved.outcome.events.length === 0) return moved
    logger.info(
      { sessionId, events: moved.outcome.events.map(({ type }) => type), epoch: moved.state.epoch },
      'session moved',
    )
    await publishCommitted(outbox, sessionId)
    return moved
  }
