import type { CloseQuestion } from '../closing/close-question.ts'
import type { Move } from '../sessions/move.ts'

/**
 * The deadline of the phase that began with `phaseEpoch` has come, or is said to have. Does what is due, once, whoever calls
 * and how often; a deadline of an earlier phase does nothing. Returns the time to come back when it is too early.
 */
export type OnTimer = (sessionId: string, phaseEpoch: number) => Promise<number | undefined>

export const createOnTimer =
  ({ move, closeQuestion }: { readonly move: Move; readonly closeQuestion: CloseQuestion }): OnTimer =>
  async (sessionId, phaseEpoch) => {
    const moved = await move(sessionId, { type: 'timer', epoch: phaseEpoch })
    if (moved?.outcome.type === 'early') return moved.outcome.dueAt
    if (moved?.outcome.type === 'reveal-first') await closeQuestion(sessionId)
    return undefined
  }
