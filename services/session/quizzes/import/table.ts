import { type Draft, type Drafts, MAX_DRAFTS, skip, TOO_MANY } from './draft.ts'

/** Rows of a table, the header among them; cells as text. */
export type Rows = readonly (readonly string[])[]

/** Separates several values of one cell. */
const SEPARATOR = '|'
const MAX_OPTIONS = 10
/** Those that mean something, and room for as many that do not. */
const MAX_COLUMNS = 100
/** Rows above the header in templates that begin with a page of instructions. */
const MAX_ROWS_ABOVE = 20

/** A column, and the value of a cell for a row. `option` has a number from 1. */
type Column =
  | { readonly name: 'option'; readonly number: number }
  | { readonly name: (typeof NAMES)[number] }
  /** Without a title; it may number the rows. */
  | { readonly name: 'ignored' }

const NAMES = [
  'kind',
  'prompt',
  'correct',
  'tolerance',
  'points',
  'timelimitseconds',
  'difficulty',
  'explanation',
  'mediaurl',
] as const

/**
 * How other systems call these columns, in lower case, with letters and digits alone and without what follows a dash or
 * stands in brackets ("Answer 1 - max 75 characters", "Time limit (sec)"): the templates of Kahoot, Quizizz and ClassQuiz.
 */
const ALIASES: Readonly<Record<string, (typeof NAMES)[number]>> = {
  question: 'prompt',
  questiontext: 'prompt',
  questiontype: 'kind',
  type: 'kind',
  correctanswer: 'correct',
  correctanswers: 'correct',
  timelimit: 'timelimitseconds',
  timeinseconds: 'timelimitseconds',
  time: 'timelimitseconds',
  seconds: 'timelimitseconds',
  imagelink: 'mediaurl',
  image: 'mediaurl',
  imageurl: 'mediaurl',
  answerexplanation: 'explanation',
}

const columnOf = (title: string): Column | undefined => {
  const short = title
    .normalize('NFKC')
    .replace(/\(.*?\)|\s[-–—]\s.*$/gs, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  if (short === '') return title.trim() === '' ? { name: 'ignored' } : undefined
  const [, number] = /^(?:option|answer|choice)(\d{1,2})$/.exec(short) ?? []
  if (number !== undefined && Number(number) >= 1 && Number(number) <= MAX_OPTIONS) {
    return { name: 'option', number: Number(number) }
  }
  const name = NAMES.find((known) => known === short) ?? (Object.hasOwn(ALIASES, short) ? ALIASES[short] : undefined)
  return name === undefined ? undefined : { name }
}

const isEmpty = (row: readonly string[]): boolean => row.every((cell) => cell.trim() === '')

/** How the kinds are called elsewhere. */
const KIND_ALIASES: Readonly<Record<string, string>> = {
  multiple_choice_single: 'single_choice',
  checkbox: 'multiple_choice',
  fill_in_the_blank: 'fill_blank',
  fill_in_the_blanks: 'fill_blank',
  true_or_false: 'true_false',
}

/**
 * A table with a header among its first rows. Columns in any order; case, spaces and punctuation do not matter: `prompt`,
 * `correct`, and as wanted `kind`, `option1` … `option10`, `tolerance`, `points`, `timeLimitSeconds`, `difficulty`,
 * `explanation`, `mediaUrl`, or what Kahoot, Quizizz and ClassQuiz call them. `correct` holds the number of the right
 * option counting from 1 (several: `1|3` or `1,3`), `true` or `false`, a number, or the accepted texts (`colour|color`).
 * Without a kind it follows from the other cells. A column that is not known refuses the file: its cells would be lost.
 */
export const parseTable = (rows: Rows): Drafts => {
  const filled = rows.filter((row) => !isEmpty(row))
  if (filled.length === 0) return { ok: false, code: 'format' }
  const headerAt = filled.slice(0, MAX_ROWS_ABOVE).findIndex((row) => {
    const names = row.slice(0, MAX_COLUMNS).map((title) => columnOf(title)?.name)
    return names.includes('prompt') && (names.includes('correct') || names.includes('option'))
  })
  const header = filled[headerAt]
  if (header === undefined || header.length > MAX_COLUMNS) return { ok: false, code: 'header' }
  const columns = header.map(columnOf)
  const place = columns.findIndex((column, index) => column === undefined || isRepeated(columns, column, index))
  if (place !== -1) {
    const code = columns[place] === undefined ? 'unknown-column' : 'repeated-column'
    const pointer = `/content/columns/${place}`
    return { ok: false, code, pointer, detail: `Column ${place + 1}: "${header[place]?.trim().slice(0, 100)}"` }
  }
  const known = columns.filter((column) => column !== undefined)
  // A row that holds no more than its number is empty.
  const isFilled = (row: readonly string[]) => !isEmpty(row.filter((_, index) => known[index]?.name !== 'ignored'))
  const records = filled.slice(headerAt + 1).filter(isFilled)
  if (records.length > MAX_DRAFTS) return TOO_MANY
  return { ok: true, drafts: records.map((record) => draftOf(known, record)) }
}

const isRepeated = (columns: readonly (Column | undefined)[], column: Column, index: number): boolean =>
  column.name !== 'ignored' &&
  columns
    .slice(0, index)
    .some(
      (other) =>
        other?.name === column.name &&
        (column.name !== 'option' || other.name !== 'option' || other.number === column.number),
    )

const draftOf = (columns: readonly Column[], record: readonly string[]): Draft => {
  if (record.slice(columns.length).some((cell) => cell.trim() !== '')) return skip('too-many-cells')
  // A column without a name may number the rows; anything else in it would be lost.
  if (columns.some(({ name }, index) => name === 'ignored' && !/^\s*\d*\s*$/.test(record[index] ?? '')))
    return skip('column-without-name')
  const cell = (name: Column['name'], number?: number): string => {
    const index = columns.findIndex((column) =>
      column.name === 'option' ? name === 'option' && column.number === number : column.name === name,
    )
    return unescaped(record[index]?.trim() ?? '')
  }
  const optional = (name: Column['name']): string | undefined => cell(name) || undefined
  const numeric = (name: Column['name']): number | undefined => (cell(name) === '' ? undefined : Number(cell(name)))
  const all = Array.from({ length: MAX_OPTIONS }, (_, index) => cell('option', index + 1))
  const gap = all.indexOf('')
  if (gap !== -1 && all.slice(gap).some((option) => option !== '')) return skip('option-missing')
  const options = gap === -1 ? all : all.slice(0, gap)
  const base = {
    prompt: cell('prompt'),
    points: numeric('points'),
    timeLimitSeconds: numeric('timelimitseconds'),
    difficulty: optional('difficulty')?.toLowerCase(),
    explanation: optional('explanation'),
    mediaUrl: optional('mediaurl'),
  }
  const correct = cell('correct')
  const named = kindOf(optional('kind'), correct)
  const kind = named ?? inferKind(options, correct)
  if (kind === undefined) return skip(options.length === 0 ? 'options-missing' : 'correct-missing')
  switch (kind) {
    case 'poll':
    case 'ordering':
      if (correct !== '') return skip('correct-not-allowed')
      return { ok: true, question: { ...base, kind, options, correct: undefined } }
    case 'fill_blank': {
      // Quizizz lists the accepted texts as options.
      if (options.length > 0 && correct !== '') return skip('options-not-allowed')
      const texts = options.length > 0 ? options : valuesOf(correct)
      return { ok: true, question: { ...base, kind, options: [], correct: texts } }
    }
    default: {
      const key = keyOf(kind, correct, cell('tolerance'))
      return key === undefined
        ? skip('correct-unreadable')
        : { ok: true, question: { ...base, kind, options, correct: key } }
    }
  }
}

/** An apostrophe in front of what would be a formula says that it is a text. */
const unescaped = (cell: string): string => cell.replace(/^'(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])/, '')

const kindOf = (name: string | undefined, correct: string): string | undefined => {
  if (name === undefined) return undefined
  const kind = name.toLowerCase().replace(/[\s-]+/g, '_')
  // What Quizizz calls multiple choice has one right answer; with several it is ours.
  if (kind === 'multiple_choice' && numbersOf(correct)?.length === 1 && /\s/.test(name)) return 'single_choice'
  return Object.hasOwn(KIND_ALIASES, kind) ? KIND_ALIASES[kind] : kind
}

/** Undefined when the cells do not say: a number and no options may be a lost choice or a typed text. */
const inferKind = (options: readonly string[], correct: string): string | undefined => {
  if (options.length > 0) {
    if (correct === '') return undefined
    return (numbersOf(correct)?.length ?? 1) > 1 ? 'multiple_choice' : 'single_choice'
  }
  if (isBoolean(correct)) return 'true_false'
  return numbersOf(correct) === undefined ? 'fill_blank' : undefined
}

const isBoolean = (text: string): boolean => /^(true|false)$/i.test(text)

const valuesOf = (cell: string): readonly string[] => cell.split(SEPARATOR).map((value) => value.trim())

/** Numbers of options from 1, separated by `|`, `,` or `;`; undefined when the cell holds anything else. */
const numbersOf = (cell: string): readonly number[] | undefined => {
  const values = cell.split(/[|,;]/).map((value) => value.trim())
  return values.every((value) => /^\d{1,3}$/.test(value)) ? values.map(Number) : undefined
}

const keyOf = (kind: string, correct: string, tolerance: string): unknown => {
  switch (kind) {
    case 'single_choice': {
      const numbers = numbersOf(correct)
      return numbers?.length === 1 && numbers[0] !== 0 ? (numbers[0] ?? 0) - 1 : undefined
    }
    case 'multiple_choice': {
      const numbers = numbersOf(correct)
      return numbers?.includes(0) === false ? numbers.map((number) => number - 1) : undefined
    }
    case 'true_false':
      return isBoolean(correct) ? correct.toLowerCase() === 'true' : undefined
    case 'numeric': {
      const [value, margin] = [correct, tolerance || '0'].map((text) => (text === '' ? Number.NaN : Number(text)))
      return Number.isFinite(value) && Number.isFinite(margin) ? { value, tolerance: margin } : undefined
    }
    default:
      return valuesOf(correct)
  }
}
