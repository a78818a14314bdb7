import { ACK, type BatchHandler, type Delivery, RETRY, reject, type Verdict } from '#platform/consumer'
import { PodiumError } from '#platform/errors'
import { decodeEvaluations } from './evaluation-decoder.ts'
import type { EvaluatedBatch } from './ports.ts'
import type { Outcome } from './score-answers.ts'

export interface EvaluationHandlerOptions {
  /** @throws PodiumError `unavailable` when it should be tried again later. */
  readonly score: (batches: readonly EvaluatedBatch[]) => Promise<readonly Outcome[]>
  /** Answers in one call of `score`, except that one message is never split. */
  readonly maxAnswers: number
}

/** Decodes EVALUATIONS messages, has them scored some hundred answers at a time, and says what becomes of each. */
export const createEvaluationHandler = ({ score, maxAnswers }: EvaluationHandlerOptions): BatchHandler => {
  const settle = async (chunk: readonly Pending[]): Promise<boolean> => {
    try {
      const outcomes = await score(chunk.map(({ batch }) => batch))
      for (const [index, pending] of chunk.entries()) pending.outcome = outcomes[index]
      return true
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) return false
      throw err
    }
  }
  return async (deliveries) => {
    const { pending, faults } = decodeAll(deliveries)
    for (const chunk of chunks(pending, maxAnswers)) {
      // The store is away and was waited for: the rest would only wait as long again.
      if (!(await settle(chunk))) break
    }
    return toVerdicts(deliveries.length, pending, faults)
  }
}

interface Pending {
  readonly place: number
  readonly batch: EvaluatedBatch
  outcome: Outcome | undefined
}

/** `faults`: by place, why a message cannot be used, or not all of it. */
const decodeAll = (deliveries: readonly Delivery[]) => {
  const pending: Pending[] = []
  const faults = new Map<number, string>()
  for (const [place, { subject, payload, span }] of deliveries.entries()) {
    for (const batch of decodeEvaluations(subject, payload)) {
      if (typeof batch === 'string') faults.set(place, batch)
      else pending.push({ place, batch: span === undefined ? batch : { ...batch, span }, outcome: undefined })
    }
  }
  return { pending, faults }
}

/** A message is settled when all of it is; what is wrong with a part of it does not keep the rest from being scored. */
const toVerdicts = (count: number, pending: readonly Pending[], faults: Map<number, string>): Verdict[] => {
  const unsettled = new Set<number>()
  for (const { place, outcome } of pending) {
    if (outcome === undefined) unsettled.add(place)
    else if (outcome !== 'scored') faults.set(place, outcome)
  }
  return Array.from({ length: count }, (_, place) => {
    if (unsettled.has(place)) return RETRY
    const fault = faults.get(place)
    return fault === undefined ? ACK : reject(fault)
  })
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
