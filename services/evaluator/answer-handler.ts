import { ACK, type BatchHandler, RETRY, reject, type Verdict } from '#platform/consumer'
import { PodiumError } from '#platform/errors'
import { decodeAnswer } from './answer-decoder.ts'
import type { Outcome } from './evaluate-answers.ts'
import type { AcceptedAnswer } from './ports.ts'

/** Decodes ANSWERS messages, has them evaluated, and says what becomes of each. */
export const createAnswerHandler =
  (evaluate: (answers: readonly AcceptedAnswer[]) => Promise<readonly Outcome[]>): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    const answers: AcceptedAnswer[] = []
    const places: number[] = []
    for (const [place, { subject, payload, span }] of deliveries.entries()) {
      const answer = decodeAnswer(subject, payload)
      if (typeof answer === 'string') {
        verdicts[place] = reject(answer)
      } else {
        answers.push(span === undefined ? answer : { ...answer, span })
        places.push(place)
      }
    }
    try {
      const outcomes = await evaluate(answers)
      for (const [index, place] of places.entries()) verdicts[place] = toVerdict(outcomes[index])
    } catch (err) {
      if (!(err instanceof PodiumError && err.canRetry)) throw err
    }
    return verdicts
  }

const toVerdict = (outcome: Outcome | undefined): Verdict => {
  if (outcome === undefined || outcome === 'unavailable') return RETRY
  return outcome === 'evaluated' ? ACK : reject(outcome)
}
