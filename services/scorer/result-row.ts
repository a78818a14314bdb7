import type { Counted, Entry, Progress, Recorded, Tally } from './ports.ts'

/** What both statements return: rows of several kinds, in any order, in one layout. Columns a kind has no use for are null. */
export type ResultRow =
  | [
      kind: 'total',
      sessionId: string,
      playerId: string,
      joinOrder: number,
      version: number,
      points: number,
      correctAnswers: number,
      correctMs: number,
      answered: string,
      correct: string,
    ]
  | [kind: 'question', sessionId: string, unused: null, index: number, answerCount: number]
  /** Rows that were new to the ledger. */
  | [kind: 'inserted', unused1: null, unused2: null, count: number]
  /** What the ledger holds of the answer at this 1-based place. */
  | [kind: 'answer', unused1: null, unused2: null, place: number, points: number, fullCredit: 0 | 1]

export const toRecorded = (
  rows: readonly ResultRow[],
  entries: readonly Entry[],
): { readonly recorded: Recorded; readonly inserted: number } => {
  const tallies: Tally[] = []
  const progress: Progress[] = []
  const counted: Counted[] = entries.map(({ points, evaluation }) => ({
    points,
    correct: evaluation.creditNumerator === evaluation.creditDenominator,
  }))
  let inserted = 0
  for (const row of rows) {
    switch (row[0]) {
      case 'total': {
        const [, sessionId, playerId, joinOrder, version, points, correctAnswers, correctMs, answered, correct] = row
        const sums = { version, points, correctAnswers, correctMs, answered, correct }
        tallies.push({ sessionId, playerId, joinOrder, ...sums })
        break
      }
      case 'question':
        progress.push({ sessionId: row[1], questionIndex: row[3], answerCount: row[4] })
        break
      case 'inserted':
        inserted = row[3]
        break
      case 'answer':
        counted[row[3] - 1] = { points: row[4], correct: row[5] === 1 }
        break
      default:
        row satisfies never
    }
  }
  return { recorded: { counted, tallies, progress }, inserted }
}
