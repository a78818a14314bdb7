import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { AnswerPipeline } from '../closing/answer-pipeline.ts'
import type { Ledger, RecordedAnswer } from './ledger.ts'

/** Of a smallint. */
const MAX_INDEX = 2 ** 15 - 1
/** An edge waits longer, and then says 503. */
const SETTLE_MS = 1_500

/**
 * Answers to a question for edges that do not know them: of one player for certain, or of all as far as they are scored.
 * @throws PodiumError `unavailable` when it is not certain that everything accepted is scored
 */
export const createRecordedAnswers =
  ({ ledger, pipeline }: { readonly ledger: Pick<Ledger, 'answer' | 'answered'>; readonly pipeline: AnswerPipeline }) =>
  async (input: {
    readonly sessionId: string
    readonly questionIndex: number
    readonly playerId: string | undefined
  }): Promise<readonly (Partial<RecordedAnswer> & Pick<RecordedAnswer, 'answerId' | 'playerId'>)[]> => {
    const { sessionId, questionIndex, playerId } = input
    if (!isId(sessionId) || questionIndex > MAX_INDEX) return []
    if (playerId === undefined) return ledger.answered(sessionId, questionIndex)
    if (!isId(playerId)) return []
    // An answer that is there already is there, whatever is under way.
    const early = await ledger.answer(sessionId, questionIndex, playerId)
    if (early !== undefined) return [early]
    if (!(await settled(pipeline, sessionId))) throw new PodiumError('unavailable')
    const answer = await ledger.answer(sessionId, questionIndex, playerId)
    return answer === undefined ? [] : [answer]
  }

const settled = async (pipeline: AnswerPipeline, sessionId: string): Promise<boolean> => {
  try {
    return await pipeline.settled(sessionId, SETTLE_MS)
  } catch (cause) {
    throw new PodiumError('unavailable', { cause })
  }
}
