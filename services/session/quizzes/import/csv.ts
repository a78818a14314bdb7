import type { QuestionInput } from '../../../game/question.ts'
import { parseCsvTable } from './csv-table.ts'
import { type Draft, type Drafts, MAX_DRAFTS, skip, TOO_MANY } from './draft.ts'

/** Separates several values of one cell. */
const SEPARATOR = '|'
const MAX_OPTIONS = 10
/** Those that mean something, and room for as many that do not. */
const MAX_COLUMNS = 100

/**
 * A table with a header. Columns, in any order, case and spaces do not matter: `prompt`, `correct`, and as wanted `kind`,
 * `option1` … `option10`, `points`, `timeLimitSeconds`, `difficulty`, `explanation`, `mediaUrl`. `correct` holds the
 * number of the right option counting from 1 (several: `1|3`), `true` or `false`, or the accepted texts (`colour|color`).
 * Without a kind it follows from the other cells.
 */
export const parseCsv = (content: string): Drafts => {
  const [header, ...records] = parseCsvTable(content, MAX_DRAFTS + 1) ?? []
  if (header === undefined) return { ok: false, code: 'format' }
  if (header.length > MAX_COLUMNS) return { ok: false, code: 'header' }
  const columns = header.map((name) => name.toLowerCase().replace(/[\s_-]/g, ''))
  if (!columns.includes('prompt') || !columns.includes('correct')) return { ok: false, code: 'header' }
  if (records.length > MAX_DRAFTS) return TOO_MANY
  return { ok: true, drafts: records.map((record) => draftOf(columns, record)) }
}

const draftOf = (columns: readonly string[], record: readonly string[]): Draft => {
  if (record.length > columns.length) return skip('too-many-cells')
  const cell = (name: string): string => record[columns.indexOf(name)]?.trim() ?? ''
  const optional = (name: string): string | undefined => cell(name) || undefined
  const numeric = (name: string): number | undefined => (cell(name) === '' ? undefined : Number(cell(name)))
  const options = Array.from({ length: MAX_OPTIONS }, (_, index) => cell(`option${index + 1}`))
  const gap = options.indexOf('')
  if (gap !== -1 && options.slice(gap).some((option) => option !== '')) return skip('option-missing')
  const given = gap === -1 ? options : options.slice(0, gap)
  const correct = cell('correct')
    .split(SEPARATOR)
    .map((value) => value.trim())
  const base = {
    prompt: cell('prompt'),
    points: numeric('points'),
    timeLimitSeconds: numeric('timelimitseconds'),
    difficulty: optional('difficulty')?.toLowerCase(),
    explanation: optional('explanation'),
    mediaUrl: optional('mediaurl'),
  }
  const kind = optional('kind')?.toLowerCase().replace(/[\s-]/g, '_') ?? inferKind(given, correct)
  const key = keyOf(kind, correct)
  return key === undefined
    ? skip('correct-unreadable')
    : { ok: true, question: { ...base, kind, options: given, correct: key } }
}

const inferKind = (options: readonly string[], correct: readonly string[]): string => {
  if (options.length > 0) return correct.length > 1 ? 'multiple_choice' : 'single_choice'
  return correct.length === 1 && isBoolean(correct[0]) ? 'true_false' : 'fill_blank'
}

const isBoolean = (text: string | undefined): boolean => /^(true|false)$/i.test(text ?? '')

const keyOf = (kind: string, correct: readonly string[]): QuestionInput['correct'] | undefined => {
  const numbers = correct.map((value) => (/^\d+$/.test(value) ? Number(value) - 1 : -1))
  switch (kind) {
    case 'single_choice':
      return numbers.length === 1 && numbers[0] !== -1 ? numbers[0] : undefined
    case 'multiple_choice':
      return numbers.includes(-1) ? undefined : numbers
    case 'true_false':
      return correct.length === 1 && isBoolean(correct[0]) ? correct[0]?.toLowerCase() === 'true' : undefined
    default:
      return correct
  }
}
