import type { Outcome } from '../lib/run-scenario.ts'
import { type Figure, type Goal, isMet, type ScenarioResult } from '../lib/scenario.ts'

/** Three digits, or whole numbers with thin groups where there are more. */
export const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ')
  return value === 0 ? '0' : String(Number(value.toPrecision(3)))
}

export const goalText = (goal: Goal | undefined): string =>
  goal === undefined ? '' : `${goal.direction === 'at most' ? '≤' : '≥'} ${numberText(goal.value)}`

export const metText = (value: number, goal: Goal | undefined): string => {
  const met = isMet(value, goal)
  return met === undefined ? '' : met ? 'met' : 'missed'
}

/** Ratios to ceilings are figures, too. */
export const figuresOf = ({ figures, ceilings = [] }: ScenarioResult): readonly Figure[] => [
  ...figures,
  ...ceilings.map(({ name, ratio, rounds, goal }) => ({
    name,
    unit: '×',
    value: ratio,
    ...(rounds.length > 1 ? { spread: { min: Math.min(...rounds), max: Math.max(...rounds) } } : {}),
    ...(goal === undefined ? {} : { goal }),
  })),
]

export const spreadText = ({ spread }: Figure): string =>
  spread === undefined ? '' : `${numberText(spread.min)}..${numberText(spread.max)}`

export const HEAD = ['scenario', 'figure', 'value', 'unit', 'spread', 'goal', ''] as const

/** Rows of the table at the end. A void or failed scenario has one row that says why. */
export const rowsOf = ({ name, result, failure }: Outcome): readonly (readonly string[])[] => {
  if (result === undefined) return [[name, `FAILED: ${firstLine(failure ?? '')}`]]
  if (result.verdict.kind === 'void') return result.verdict.reasons.map((reason) => [name, `VOID: ${reason}`])
  return figuresOf(result).map((figure) => [
    name,
    figure.name,
    numberText(figure.value),
    figure.unit,
    spreadText(figure),
    goalText(figure.goal),
    metText(figure.value, figure.goal),
  ])
}

export const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Columns as wide as their widest cell; rows shorter than the head run on. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row.length === columns ? (row[column] ?? '').length : 0))),
  )
  const isNumber = (column: number): boolean => column === 2
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(column)
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(row.length === columns ? (widths[column] ?? 0) : column === 0 ? (widths[0] ?? 0) : 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
