import type { Differences } from './compare.ts'
import { creditOf, sameCredit } from './credit.ts'
import { pointsOf } from './points.ts'
import type { LedgerRow, PlayerRecord, QuestionTerms, SessionTerms } from './records.ts'

export interface LedgerContext {
  readonly session: SessionTerms
  readonly questions: ReadonlyMap<string, QuestionTerms>
  readonly players: ReadonlyMap<string, PlayerRecord>
}

/** Checks one ledger row against the session's own terms and against the rules, from its inputs up. */
export const checkLedgerRow = (
  row: LedgerRow,
  { session, questions, players }: LedgerContext,
  differences: Differences,
): void => {
  const player = players.get(row.playerId)
  const subject = player === undefined ? row.playerId : `${player.nickname} (${row.playerId})`
  const compare = (what: string, expected: string | number | undefined, found: string | number | undefined) =>
    differences.compare('ledger', subject, `question ${row.questionIndex + 1}: ${what}`, expected, found)

  compare('player of this session', 'yes', player === undefined ? 'no' : 'yes')
  if (player !== undefined) compare('join order', player.joinOrder, row.joinOrder)
  compare('rule', session.scoring, row.rule)
  compare('version of the rule', session.scoringVersion, row.ruleVersion)
  if (row.elapsedMs < 0 || row.elapsedMs > row.timeLimitMs) {
    compare('elapsed ms', `0 to ${row.timeLimitMs}`, row.elapsedMs)
  }

  const question = questions.get(row.questionId)
  compare('question of this session', 'yes', question === undefined ? 'no' : 'yes')
  if (question !== undefined) {
    compare('index of the question', question.index, row.questionIndex)
    compare('points possible', question.points, row.pointsPossible)
    compare('time limit ms', question.timeLimitMs, row.timeLimitMs)
    const credit = creditOf(question, row, session.textVersion)
    const stored = { numerator: row.creditNumerator, denominator: row.creditDenominator }
    // Of a text that was erased nothing says any more whether it was right.
    if (row.erased === undefined && (credit === undefined || !sameCredit(credit, stored))) {
      compare(
        'credit',
        credit && `${credit.numerator}/${credit.denominator}`,
        `${stored.numerator}/${stored.denominator}`,
      )
    }
  }
  compare('points', pointsOf(row) ?? `no rule ${row.rule} version ${row.ruleVersion} for these inputs`, row.points)
}
