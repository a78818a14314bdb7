import { PodiumError } from '#platform/errors'
import type { SessionCommand } from '../../game/session/state.ts'
import type { Closing } from '../closing/close-question.ts'
import { type SessionView, shownIndexes } from './get-session.ts'
import type { Move } from './move.ts'
import { type Actor, authorize, authorizeOn, requireId } from './permissions.ts'
import type { SessionStore } from './session.ts'

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

/**
 * A command of the host. Resolves with the session when the command has its whole effect: closing a question includes its
 * reveal.
 * @throws PodiumError `forbidden`, `not-found`, `malformed`, `wrong-state`
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
  const view = async (session: SessionView['session']): Promise<SessionView> => {
    const indexes = shownIndexes(session)
    return { session, questions: indexes.length === 0 ? [] : await sessions.questions(session.sessionId, indexes) }
  }

  return async (input: ControlInput): Promise<SessionView> => {
    const actor = authorize('session.control', input.actor)
    const sessionId = requireId(input.sessionId)
    const command = commandNamed(input.command)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const moved = await move(sessionId, command, (session) => {
        const { state } = authorizeOn('session.control', actor, session)
        // Only the first time: a reveal that this command waited for has itself moved the session.
        if (attempt === 1 && input.epoch !== undefined && input.epoch !== state.epoch)
          throw new PodiumError('wrong-state')
        return true
      })
      if (moved === undefined) throw new PodiumError('not-found')
      const { outcome, session } = moved
      if (outcome.type === 'accepted') {
        if (outcome.events.some(({ type }) => type === 'question_closing')) return view(await closing.close(session))
        // Answers that were accepted before the pause may have been scored during it.
        if (command.type === 'resume') closing.lookLater(session)
        return view(session)
      }
      if (outcome.type !== 'reveal-first') break
      const revealed = await closing.close(session)
      if (!outcome.again) return view(revealed)
    }
    throw new PodiumError('wrong-state')
  }
}

const commandNamed = (name: string): SessionCommand => {
  const type = HOST_COMMANDS.find((command): command is HostCommand => command === name)
  if (type === undefined) throw new PodiumError('malformed', { errors: [{ pointer: '/command', code: 'enum' }] })
  return type === 'pause' || type === 'resume' ? { type, reason: HOST_PAUSE } : { type }
}
