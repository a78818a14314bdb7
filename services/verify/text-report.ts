import { stripVTControlCharacters } from 'node:util'
import type { Difference } from './records.ts'
import type { CheckOutcome, Report } from './report.ts'

/** Lines of a table that a person still reads. */
const MOST_DIFFERENCES = 50
const WIDEST = 60

const NAMES: Readonly<Record<CheckOutcome['check'], string>> = {
  ledger: 'points of the ledger rows',
  totals: 'totals per player',
  progress: 'answers per question',
  answers: 'accepted answers',
  board: 'Redis board',
  edge: 'leaderboard of the edge',
}

/** Nicknames come from players: nothing in them may move the cursor or fill the screen. */
const clean = (text: string): string => {
  const safe = stripVTControlCharacters(text).replace(/\p{C}/gu, '?')
  return safe.length > WIDEST ? `${safe.slice(0, WIDEST - 1)}…` : safe
}

const table = (differences: readonly Difference[]): string[] => {
  const rows = [
    ['check', 'player or question', 'what', 'expected', 'found'],
    ...differences.map(({ check, subject, what, expected, found }) =>
      [check, subject, what, expected, found].map(clean),
    ),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}

const checkLine = ({ check, compared, reason, differences }: CheckOutcome): string => {
  const name = NAMES[check].padEnd(28)
  if (compared === undefined) return `  -   ${name} left out: ${reason}`
  const verdict = differences === 0 ? 'ok ' : 'NO '
  return `  ${verdict} ${name} ${compared} compared${differences === 0 ? '' : `, ${differences} different`}`
}

export const textReport = (report: Report): string => {
  const { sessionId, title, status, players, answers, checks, differences, differenceCount, equal } = report
  const hidden = differenceCount - Math.min(differences.length, MOST_DIFFERENCES)
  return [
    `${sessionId} "${clean(title)}" (${status}): ${players} players, ${answers} answers`,
    ...checks.map(checkLine),
    ...(equal ? [] : ['', ...table(differences.slice(0, MOST_DIFFERENCES))]),
    ...(hidden > 0 ? [`  … and ${hidden} more`] : []),
    equal ? 'Everything agrees with the ledger.' : `${differenceCount} differences.`,
    '',
  ].join('\n')
}
