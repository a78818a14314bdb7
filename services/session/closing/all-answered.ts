import type { Move } from '../sessions/move.ts'
import type { CloseQuestion } from './close-question.ts'

/**
 * Closes the question if it is open, the settings say so and every joined player has answered it. Exact: nobody can join
 * between the look and the close. Harmless otherwise.
 */
export type CloseWhenAllAnswered = (sessionId: string, questionIndex: number) => Promise<void>

export const createCloseWhenAllAnswered =
  ({ move, closeQuestion }: { readonly move: Move; readonly closeQuestion: CloseQuestion }): CloseWhenAllAnswered =>
  async (sessionId, index) => {
    const moved = await move(sessionId, { type: 'all-answered', index }, async ({ state, settings }, locked) => {
      if (!settings.closeWhenAllAnswered || state.phase.status !== 'question_open') return false
      return state.phase.index === index && (await locked.everyoneAnswered(index))
    })
    if (moved?.outcome.type === 'accepted' && moved.outcome.events.length > 0) await closeQuestion(sessionId)
  }
