import { ACK, type BatchHandler, type Delivery, RETRY, reject, type Verdict } from '#lib/consumer'
import { PodiumError } from '#lib/errors'
import type { EvaluatedBatch } from '../app/ports.ts'
import type { Outcome } from '../app/score-answers.ts'
import { decodeEvaluations } from './evaluation-decoder.ts'

export interface EvaluationHandlerOptions {
  /** @throws PodiumError `unavailable` when it should be tried again later. */
  readonly score: (batches: readonly EvaluatedBatch[]) => Promise<readonly Outcome[]>
  /** Answers in one call of `score`, except that one message is never split. */
  readonly maxAnswers: number
}

/** Decodes EVALUATIONS messages, has them scored some hundred answers at a time, and says what becomes of each. */
export const createEvaluationHandler = ({ score, maxAnswers }: EvaluationHandlerOptions): BatchHandler => {
  const settle = async (chunk: readonly Pending[], verdicts: Verdict[]): Promise<boolean> => {
    try {
      const outcomes = await score(chunk.map(({ batch }) => batch))
      for (const [index, { place }] of chunk.entries()) verdicts[place] = toVerdict(outcomes[index])
      return true
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) return false
      throw err
    }
  }
  return async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    for (const chunk of chunks(decodeAll(deliveries, verdicts), maxAnswers)) {
      // The store is away and was waited for: the rest would only wait as long again.
      if (!(await settle(chunk, verdicts))) break
    }
    return verdicts
  }
}

interface Pending {
  readonly place: number
  readonly batch: EvaluatedBatch
}

/** Messages that cannot be used get their verdict here. */
const decodeAll = (deliveries: readonly Delivery[], verdicts: Verdict[]): readonly Pending[] => {
  const pending: Pending[] = []
  for (const [place, { subject, payload, span }] of deliveries.entries()) {
    const batch = decodeEvaluations(subject, payload)
    if (typeof batch === 'string') verdicts[place] = reject(batch)
    else pending.push({ place, batch: span === undefined ? batch : { ...batch, span } })
  }
  return pending
}

const chunks = (pending: readonly Pending[], maxAnswers: number): readonly (readonly Pending[])[] => {
  const result: Pending[][] = []
  let room = 0
  for (const item of pending) {
    const answers = item.batch.evaluations.length
    if (answers > room || result.length === 0) {
      result.push([])
      room = maxAnswers
    }
    result.at(-1)?.push(item)
    room -= answers
  }
  return result
}

const toVerdict = (outcome: Outcome | undefined): Verdict => {
  if (outcome === undefined) return RETRY
  return outcome === 'scored' ? ACK : reject(outcome)
}
