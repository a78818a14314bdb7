import type { Answer } from '#gen/answer_pb'
import { decodeAnswer as decode } from '#platform/contract/codec/answer'
import { subjects } from '#platform/contract/subjects'
import { isId } from '#platform/ids'
import type { AcceptedAnswer } from './ports.ts'

/** Reasons for a dead letter that are found before anything is looked up. */
export type DecodeFault = 'undecodable' | 'subject-mismatch' | 'invalid-answer'

/** Above what an edge accepts; they keep nonsense out of the ledger's columns. */
const MAX_ANSWER_ID_LENGTH = 200
const MAX_TEXT_LENGTH = 4_096
const MAX_CHOICES = 64
const MAX_CHOICE = 2 ** 15 - 1
const MAX_JOIN_ORDER = 2 ** 31 - 1

/** One ANSWERS message, checked in full. */
export const decodeAnswer = (subject: string, payload: Uint8Array): AcceptedAnswer | DecodeFault => {
  let answer: Answer
  try {
    answer = decode(payload)
  } catch {
    return 'undecodable'
  }
  if (subject !== subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId)) return 'subject-mismatch'
  return isSound(answer) ? answer : 'invalid-answer'
}

const isSound = (answer: Answer): boolean =>
  isId(answer.sessionId) &&
  isId(answer.playerId) &&
  answer.answerId.length <= MAX_ANSWER_ID_LENGTH &&
  (answer.text === undefined || answer.text.length <= MAX_TEXT_LENGTH) &&
  answer.choices.length <= MAX_CHOICES &&
  answer.choices.every((choice) => choice <= MAX_CHOICE) &&
  answer.joinOrder <= MAX_JOIN_ORDER &&
  answer.receivedAtMs >= 0 &&
  answer.receivedAtMs <= Number.MAX_SAFE_INTEGER
