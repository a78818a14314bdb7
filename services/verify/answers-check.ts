import type { Differences } from './compare.ts'
import type { AnswerRecord } from './records.ts'

/** What an answer is known by: one player's answer to one question. */
export const answerKey = ({ playerId, questionIndex }: AnswerRecord): string => `${playerId}.${questionIndex}`

const FIELDS = ['answerId', 'questionId', 'joinOrder', 'elapsedMs', 'receivedAtMs', 'text'] as const

/** Accepted answers and ledger rows must be the same set, with the same inputs. */
export const checkAnswers = (
  accepted: ReadonlyMap<string, AnswerRecord>,
  ledger: ReadonlyMap<string, AnswerRecord>,
  subjectOf: (playerId: string) => string,
  differences: Differences,
): void => {
  const compare = (answer: AnswerRecord, what: string, expected: string | number | undefined, found: typeof expected) =>
    differences.compare(
      'answers',
      subjectOf(answer.playerId),
      `question ${answer.questionIndex + 1}: ${what}`,
      expected,
      found,
    )
  for (const [key, answer] of accepted) {
    const row = ledger.get(key)
    if (row === undefined) {
      compare(answer, 'accepted answer in the ledger', answer.answerId, undefined)
      continue
    }
    for (const field of FIELDS) compare(answer, field, answer[field], row[field])
    compare(answer, 'choices', answer.choices.join(' '), row.choices.join(' '))
  }
  for (const [key, row] of ledger) {
    if (!accepted.has(key)) compare(row, 'ledger row among the accepted answers', undefined, row.answerId)
  }
}
