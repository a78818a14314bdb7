import { PodiumError } from '#platform/errors'
import type { SessionCommand } from '../../game/session/state.ts'
import type { CloseQuestion } from '../closing/close-question.ts'
import type { Actor } from '../ports.ts'
import { authorize, authorizeOn, requireId } from './authorization.ts'
import type { Move } from './move.ts'

const HOST_COMMANDS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel'] as const
type HostCommand = (typeof HOST_COMMANDS)[number]

/** Why the session is on hold when the host said so. */
const HOST_PAUSE = 'host'

/** A command waits for a reveal at the most once, then once more for one that came in between. */
const MAX_ATTEMPTS = 3

export interface ControlInput {
  readonly actor: Actor | undefined
  readonly sessionId: string
  readonly command: string
  /** Refuse when the session has moved on from this epoch. */
  readonly epoch: number | undefined
}

/**
 * A command of the host. Resolves when it has its whole effect: closing a question includes its reveal.
 * @throws PodiumError `forbidden`, `not-found`, `malformed`, `wrong-state`
 */
export const createControl =
  ({ move, closeQuestion }: { readonly move: Move; readonly closeQuestion: CloseQuestion }) =>
  async (input: ControlInput): Promise<void> => {
    const actor = authorize('session.control', input.actor)
    const sessionId = requireId(input.sessionId)
    const command = commandNamed(input.command)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const moved = await move(sessionId, command, (session) => {
        const { state } = authorizeOn('session.control', actor, session)
        // Only at first: a reveal that this command waited for has moved the session on itself.
        if (attempt === 1 && input.epoch !== undefined && input.epoch !== state.epoch)
          throw new PodiumError('wrong-state')
        return true
      })
      if (moved === undefined) throw new PodiumError('not-found')
      const { outcome } = moved
      if (outcome.type === 'accepted') {
        if (outcome.events.some(({ type }) => type === 'question_closing')) await closeQuestion(sessionId)
        return
      }
      if (outcome.type !== 'reveal-first') break
      await closeQuestion(sessionId)
      if (!outcome.again) return
    }
    throw new PodiumError('wrong-state')
  }

const commandNamed = (name: string): SessionCommand => {
  const type = HOST_COMMANDS.find((command): command is HostCommand => command === name)
  if (type === undefined) throw new PodiumError('malformed', { errors: [{ pointer: '/command', code: 'enum' }] })
  return type === 'pause' || type === 'resume' ? { type, reason: HOST_PAUSE } : { type }
}
