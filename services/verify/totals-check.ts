import type { Differences } from './compare.ts'
import type { Fold } from './fold.ts'
import type { SessionTerms, StoredTotals, Totals } from './records.ts'

const FIELDS = ['version', 'points', 'correctAnswers', 'correctMs', 'answered', 'correct', 'joinOrder'] as const

/** Compares the stored totals and the progress per question with what the ledger adds up to. */
export const checkTotals = (
  fold: Fold,
  stored: readonly StoredTotals[],
  session: SessionTerms,
  subjectOf: (playerId: string) => string,
  differences: Differences,
): void => {
  const remaining = new Map<string, Totals>(fold.totals)
  for (const totals of stored) {
    const subject = subjectOf(totals.playerId)
    const expected = remaining.get(totals.playerId)
    remaining.delete(totals.playerId)
    if (expected === undefined) {
      differences.compare('totals', subject, 'totals', 'none: no answer in the ledger', `version ${totals.version}`)
      continue
    }
    for (const field of FIELDS) differences.compare('totals', subject, field, expected[field], totals[field])
    differences.compare('totals', subject, 'rule', session.scoring, totals.rule)
    differences.compare('totals', subject, 'streak bonus', session.streakBonus, totals.streakBonus)
  }
  for (const [playerId, { version }] of remaining) {
    differences.compare('totals', subjectOf(playerId), 'totals', `version ${version}`, undefined)
  }
}

export const checkProgress = (fold: Fold, stored: ReadonlyMap<number, number>, differences: Differences): void => {
  for (const index of new Set([...fold.progress.keys(), ...stored.keys()])) {
    const subject = `question ${index + 1}`
    differences.compare('progress', subject, 'answers', fold.progress.get(index) ?? 0, stored.get(index) ?? 0)
  }
}
