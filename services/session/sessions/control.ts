import { PodiumError } from '#platform/errors'
import type { SessionCommand } from '../../game/session/state.ts'
import type { Closing } from '../closing/close-question.ts'
import { shownIndexes } from './get-session.ts'
import type { Move } from './move.ts'
import { type Actor, authorize, authorizeOn, requireId } from './permissions.ts'
import type { Session, SessionStore, SessionView } from './session.ts'

const HOST_COMMANDS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel'] as const
type HostCommand = (typeof HOST_COMMANDS)[number]

/** Why the session is paused when the host paused it. */
const HOST_PAUSE = 'host'

/** A command waits for one reveal, and for one more that began while it waited. */
const MAX_ATTEMPTS = 3

export interface ControlInput {
  readonly actor: Actor | undefined
  readonly sessionId: string
  readonly command: string
  /** Refuse when the session is not in this epoch any more. */
  readonly epoch: number | undefined
}

export interface ControlResult extends SessionView {
  readonly refused: boolean
}

/**
 * A command of the host. Resolves with the session when the command has its whole effect: closing a question includes its
 * reveal, or with `refused` when the state does not allow it or is not the one that the host saw.
 * @throws PodiumError `forbidden`, `not-found`, `malformed`
 */
export const createControl = ({
  sessions,
  move,
  closing,
}: {
  readonly sessions: Pick<SessionStore, 'questions'>
  readonly move: Move
  readonly closing: Closing
}) => {
  const view = async (session: Session): Promise<SessionView> => {
    const indexes = shownIndexes(session)
    return { session, questions: indexes.length === 0 ? [] : await sessions.questions(session.sessionId, indexes) }
  }

  const done = async (session: Session): Promise<ControlResult> => ({ ...(await view(session)), refused: false })

  return async (input: ControlInput): Promise<ControlResult> => {
    const actor = authorize('session.control', input.actor)
    const sessionId = requireId(input.sessionId)
    const command = commandNamed(input.command)
    let outdated: Session | undefined
    let latest: Session | undefined
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const moved = await move(sessionId, command, (session) => {
        authorizeOn('session.control', actor, session)
        // Only the first time: a reveal that this command waited for has itself moved the session.
        if (attempt === 1 && input.epoch !== undefined && input.epoch !== session.state.epoch) outdated = session
        return outdated === undefined
      })
      if (outdated !== undefined) return { ...(await view(outdated)), refused: true }
      if (moved === undefined) throw new PodiumError('not-found')
      latest = moved.session
      const { outcome, session } = moved
      if (outcome.type === 'accepted') {
        if (outcome.events.some(({ type }) => type === 'question_closing')) return done(await closing.close(session))
        // Answers that were accepted before the pause may have been scored during it.
        if (command.type === 'resume') closing.lookLater(session)
        return done(session)
      }
      if (outcome.type !== 'reveal-first') break
      const revealed = await closing.close(session)
      if (!outcome.again) return done(revealed)
    }
    if (latest === undefined) throw new PodiumError('internal')
    return { ...(await view(latest)), refused: true }
  }
}

const commandNamed = (name: string): SessionCommand => {
  const type = HOST_COMMANDS.find((command): command is HostCommand => command === name)
  if (type === undefined) throw new PodiumError('malformed', { errors: [{ pointer: '/command', code: 'enum' }] })
  return type === 'pause' || type === 'resume' ? { type, reason: HOST_PAUSE } : { type }
}
