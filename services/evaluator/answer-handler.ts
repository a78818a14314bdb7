import type { Answer } from '#gen/answer_pb'
import { ACK, type BatchHandler, RETRY, reject, type Verdict } from '#platform/consumer'
import { decodeAnswer } from '#platform/contract/codec/answer'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { AcceptedAnswer, Outcome } from './evaluate-answers.ts'

/** Above what an edge accepts; they keep nonsense out of the ledger's columns. */
const MAX_ANSWER_ID_LENGTH = 200
const MAX_TEXT_LENGTH = 4_096
const MAX_CHOICES = 64
const MAX_CHOICE = 2 ** 15 - 1
const MAX_JOIN_ORDER = 2 ** 31 - 1

/** Decodes ANSWERS messages, has them evaluated, and returns a verdict for each. */
export const createAnswerHandler =
  (evaluate: (answers: readonly AcceptedAnswer[]) => Promise<readonly Outcome[]>): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    const answers: AcceptedAnswer[] = []
    const places: number[] = []
    for (const [place, { subject, payload, span }] of deliveries.entries()) {
      const answer = readAnswer(subject, payload)
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

/** One message, checked in full, or why it is rejected. */
const readAnswer = (subject: string, payload: Uint8Array): AcceptedAnswer | string => {
  let answer: Answer
  try {
    answer = decodeAnswer(payload)
  } catch {
    return 'undecodable'
  }
  if (subject !== subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId)) return 'subject-mismatch'
  return isValid(answer) ? answer : 'invalid-answer'
}

const isValid = (answer: Answer): boolean =>
  isId(answer.sessionId) &&
  isId(answer.playerId) &&
  answer.answerId.length <= MAX_ANSWER_ID_LENGTH &&
  (answer.text === undefined || answer.text.length <= MAX_TEXT_LENGTH) &&
  answer.choices.length <= MAX_CHOICES &&
  answer.choices.every((choice) => choice <= MAX_CHOICE) &&
  answer.joinOrder <= MAX_JOIN_ORDER &&
  answer.receivedAtMs >= 0 &&
  answer.receivedAtMs <= Number.MAX_SAFE_INTEGER
