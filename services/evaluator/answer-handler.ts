import type { QuestionAnswers } from '#gen/answer_pb'
import { ACK, type BatchHandler, RETRY, type RejectedPart, reject, type Verdict } from '#platform/consumer'
import { decodeAnswers, encodeAnswers } from '#platform/contract/codec/answer'
import { CHOICE_LIMIT } from '#platform/contract/codec/ledger-row'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { AcceptedAnswers, Answer, Outcome, RejectedAnswer } from './evaluate-answers.ts'

/** Above what an edge accepts; they keep nonsense out of the ledger's columns. */
const MAX_ANSWER_ID_LENGTH = 200
const MAX_TEXT_LENGTH = 4_096
const MAX_CHOICES = 64
const MAX_JOIN_ORDER = 2 ** 31 - 1

/**
 * Decodes ANSWERS messages, has them evaluated, and returns a verdict for each. An answer that can never be evaluated becomes
 * a dead letter of its own.
 */
export const createAnswerHandler =
  (evaluate: (accepted: readonly AcceptedAnswers[]) => Promise<Outcome>): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    const accepted: AcceptedAnswers[] = []
    const rejected: RejectedAnswer[] = []
    /** By message, what it holds; undefined for one that is none. */
    const parts = deliveries.map(({ payload, span }, place): readonly AcceptedAnswers[] | undefined => {
      const questions = questionsIn(payload)
      if (questions === undefined) verdicts[place] = reject('undecodable')
      return questions?.map((question) => {
        const from = { ...question, span, answers: question.answers.filter((answer) => isValid(question, answer)) }
        for (const answer of question.answers) {
          if (!from.answers.includes(answer)) rejected.push({ from, answer, reason: 'invalid-answer' })
        }
        if (from.answers.length > 0) accepted.push(from)
        return from
      })
    })
    let outcome: Outcome
    try {
      outcome = await evaluate(accepted)
    } catch (err) {
      if (err instanceof PodiumError && err.canRetry) return verdicts
      throw err
    }
    const { unavailable } = outcome
    const lettersOf = Map.groupBy([...rejected, ...outcome.rejected], ({ from }) => from)
    for (const [place, ofMessage] of parts.entries()) {
      if (ofMessage === undefined || ofMessage.some((from) => unavailable.has(from))) continue
      const letters = ofMessage.flatMap((from) => lettersOf.get(from) ?? [])
      verdicts[place] = letters.length === 0 ? ACK : { kind: 'ack', rejected: letters.map(toPart) }
    }
    return verdicts
  }

const questionsIn = (payload: Uint8Array): readonly QuestionAnswers[] | undefined => {
  try {
    return decodeAnswers(payload).questions
  } catch {
    return undefined
  }
}

const toPart = ({ from, answer, reason }: RejectedAnswer): RejectedPart => ({
  reason,
  payload: encodeAnswers([{ ...from, answers: [answer] }]),
})

const isValid = ({ sessionId }: QuestionAnswers, answer: Answer): boolean =>
  isId(sessionId) &&
  isId(answer.playerId) &&
  answer.answerId.length <= MAX_ANSWER_ID_LENGTH &&
  (answer.text === undefined || answer.text.length <= MAX_TEXT_LENGTH) &&
  answer.choices.length <= MAX_CHOICES &&
  answer.choices.every((choice) => choice < CHOICE_LIMIT) &&
  answer.joinOrder <= MAX_JOIN_ORDER &&
  answer.receivedAtMs >= 0 &&
  answer.receivedAtMs <= Number.MAX_SAFE_INTEGER
