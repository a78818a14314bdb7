import type { Quiz, StoredQuestion } from '../quiz-store.ts'
import { createLosses, type Losses, noteCommonLosses } from './losses.ts'

const FIRST_COLUMNS = ['kind', 'prompt']
const LAST_COLUMNS = [
  'correct',
  'tolerance',
  'points',
  'timeLimitSeconds',
  'difficulty',
  'explanation',
  'mediaUrl',
] as const

type Cells = Partial<Record<(typeof LAST_COLUMNS)[number], string | number | undefined>>

/** The table that `import` reads, with a byte order mark for spreadsheets; what it cannot hold stands above the header. */
export const exportCsv = ({ title, language, tags = [], questions }: Quiz): string => {
  const losses = createLosses()
  if (tags.length > 0) losses.add('tags of the quiz')
  if (language !== undefined) losses.add('language of the quiz')
  const width = Math.max(2, ...questions.map(({ options }) => options.length))
  const optionColumns = Array.from({ length: width }, (_, index) => `option${index + 1}`)
  const rows = questions.flatMap((question, place) => {
    const correct = correctCell(question, place, losses)
    if (correct === undefined) return []
    noteLosses(question, place, losses)
    const { points, timeLimitSeconds, difficulty, explanation, media } = question
    const cells: Cells = { ...correct, points, timeLimitSeconds, difficulty, explanation, mediaUrl: media?.url }
    const options = optionColumns.map((_, index) => question.options[index])
    return [[question.kind, question.prompt, ...options, ...LAST_COLUMNS.map((name) => cells[name])]]
  })
  // The first line has no separator: from its signs a reader tells what separates the cells.
  const comments = ['# A quiz of Podium', `# ${title}`, ...losses.lines().map((line) => `# ${line}`)]
  const table = [...comments.map((line) => [line]), [...FIRST_COLUMNS, ...optionColumns, ...LAST_COLUMNS], ...rows]
  return `\ufeff${table.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/** The key in the form of the table; undefined for a question that cannot be in it. */
const correctCell = ({ kind, correct }: StoredQuestion, place: number, losses: Losses): Cells | undefined => {
  if (correct === undefined) return {}
  switch (kind) {
    case 'single_choice':
      return { correct: Number(correct) + 1 }
    case 'multiple_choice':
      return { correct: (correct as readonly number[]).map((index) => index + 1).join('|') }
    case 'numeric':
      return { correct: numberOf(correct, 'value'), tolerance: numberOf(correct, 'tolerance') }
    case 'fill_blank': {
      const texts = correct as readonly string[]
      const kept = texts.filter((text) => !text.includes('|'))
      if (kept.length === 0) {
        losses.add('questions whose accepted texts all have a |', place)
        return undefined
      }
      if (kept.length < texts.length) losses.add('accepted texts with a |', place)
      return { correct: kept.join('|') }
    }
    default:
      return { correct: String(correct) }
  }
}

const numberOf = (correct: unknown, member: 'value' | 'tolerance'): number =>
  (correct as Readonly<Record<string, number>>)[member] ?? 0

const noteLosses = (question: StoredQuestion, place: number, losses: Losses): void => {
  noteCommonLosses(question, place, losses)
  const { media } = question
  if (media?.alt !== undefined) losses.add('alt texts of media', place)
  if (media?.durationMs !== undefined) losses.add('durations of media', place)
}

/** What a spreadsheet would take for a formula gets an apostrophe in front, and so does what begins with one already. */
const FORMULA = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20]/

const cell = (value: string | number | undefined): string => {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
