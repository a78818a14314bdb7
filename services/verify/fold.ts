import { bonusOf } from './points.ts'
import type { LedgerRow, PlayerRecord, SessionTerms, Standing, Totals } from './records.ts'

/** What the ledger of a session adds up to. */
export interface Fold {
  readonly totals: ReadonlyMap<string, Totals>
  /** Rows per question index. */
  readonly progress: ReadonlyMap<number, number>
  readonly rows: number
}

const withBit = (bits: string, index: number): string =>
  index < bits.length ? `${bits.slice(0, index)}1${bits.slice(index + 1)}` : `${bits.padEnd(index, '0')}1`

/** Adds up ledger rows one at a time, in whatever order they come. */
export const createFold = (questionCount: number): { add(row: LedgerRow): void; result(): Fold } => {
  const totals = new Map<string, Totals>()
  const progress = new Map<number, number>()
  let rows = 0
  const nothing = '0'.repeat(questionCount)

  return {
    add: (row) => {
      rows += 1
      progress.set(row.questionIndex, (progress.get(row.questionIndex) ?? 0) + 1)
      const before = totals.get(row.playerId)
      const full = row.creditNumerator === row.creditDenominator
      const correct = before?.correct ?? nothing
      totals.set(row.playerId, {
        joinOrder: row.joinOrder,
        version: (before?.version ?? 0) + 1,
        points: (before?.points ?? 0) + row.points,
        correctAnswers: (before?.correctAnswers ?? 0) + (full ? 1 : 0),
        correctMs: (before?.correctMs ?? 0) + (full ? row.elapsedMs : 0),
        answered: withBit(before?.answered ?? nothing, row.questionIndex),
        correct: full ? withBit(correct, row.questionIndex) : correct,
      })
    },
    result: () => ({ totals, progress, rows }),
  }
}

/**
 * The ranking: score descending, time of the correct answers ascending, join order ascending. Players equal in score and
 * time share a rank (1, 2, 2, 4). Removed players are not in it.
 */
export const standingsOf = (
  players: readonly PlayerRecord[],
  totals: ReadonlyMap<string, Totals>,
  {
    scoring,
    scoringVersion,
    streakBonus,
    unscored,
  }: Pick<SessionTerms, 'scoring' | 'scoringVersion' | 'streakBonus' | 'unscored'>,
): Standing[] => {
  const ordered = players
    .filter(({ status }) => status !== 'removed')
    .map(({ playerId, nickname, joinOrder }) => {
      const own = totals.get(playerId)
      const bonus = streakBonus && own !== undefined ? bonusOf(scoring, scoringVersion, own.correct, unscored) : 0
      return {
        rank: 0,
        playerId,
        nickname,
        joinOrder,
        score: (own?.points ?? 0) + bonus,
        correctAnswers: own?.correctAnswers ?? 0,
        correctMs: own?.correctMs ?? 0,
        version: own?.version ?? 0,
      }
    })
    .sort((a, b) => b.score - a.score || a.correctMs - b.correctMs || a.joinOrder - b.joinOrder)
  let rank = 0
  return ordered.map((standing, index) => {
    const before = ordered[index - 1]
    if (before?.score !== standing.score || before.correctMs !== standing.correctMs) rank = index + 1
    return { ...standing, rank }
  })
}
