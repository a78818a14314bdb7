import type { Differences } from './compare.ts'
import { countedMs } from './points.ts'
import { digestOf } from './postgres-records.ts'
import type { AnswerRecord, LedgerRow } from './records.ts'

/** What an answer is known by: one player's answer to one question. */
export const answerKey = ({ playerId, questionIndex }: AnswerRecord): string => `${playerId}.${questionIndex}`

const FIELDS = ['answerId', 'questionId', 'joinOrder', 'elapsedMs', 'delayMs', 'receivedAtMs'] as const

/** What the ledger says of an answer, and the rule that it was counted by. */
export type CountedAnswer = AnswerRecord & Pick<LedgerRow, 'ruleVersion'>

/** An accepted answer as a row of the ledger has it. */
const asCounted = (answer: AnswerRecord, { ruleVersion }: CountedAnswer): AnswerRecord => ({
  ...answer,
  elapsedMs: countedMs(ruleVersion, answer.elapsedMs, answer.delayMs),
})

/**
 * Every player and question with accepted answers must have one ledger row, which is one of them with the same inputs, and
 * every row must be one of them. There is more than one only where a client repeats an answer that is on its way, or two
 * clients have the token of one player.
 */
export const checkAnswers = (
  accepted: ReadonlyMap<string, readonly AnswerRecord[]>,
  ledger: ReadonlyMap<string, CountedAnswer>,
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
  for (const [key, answers] of accepted) {
    const row = ledger.get(key)
    const [first] = answers
    if (first === undefined || (row !== undefined && answers.some((answer) => isSame(asCounted(answer, row), row))))
      continue
    if (row === undefined) {
      compare(first, 'accepted answer in the ledger', first.answerId, undefined)
      continue
    }
    const answer = asCounted(answers.find(({ answerId }) => answerId === row.answerId) ?? first, row)
    for (const field of FIELDS) compare(answer, field, answer[field], row[field])
    if (row.erased === undefined) compare(answer, 'text', answer.text, row.text)
    else compare(answer, 'digest of the text', digestOf(answer.answerId, answer.text ?? ''), row.erased)
    compare(answer, 'choices', answer.choices.join(' '), row.choices.join(' '))
  }
  for (const [key, row] of ledger) {
    if (!accepted.has(key)) compare(row, 'ledger row among the accepted answers', undefined, row.answerId)
  }
}

const isSame = (answer: AnswerRecord, row: AnswerRecord): boolean =>
  FIELDS.every((field) => answer[field] === row[field]) &&
  (row.erased === undefined ? answer.text === row.text : digestOf(answer.answerId, answer.text ?? '') === row.erased) &&
  answer.choices.join() === row.choices.join()
