import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type Format, parseFile } from '../../../quizzes/import/parse-file.ts'
import { workbook } from '../../support/workbook.ts'

/**
 * Ten files of each format, made from the formats' own documentation, and what becomes of every question in them. After a
 * change that is meant: `UPDATE=1 node services/session/test/quizzes/import/files.unit.test.ts`, and read the difference.
 */

const folder = new URL('./files/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const FORMATS: Readonly<Record<string, Format>> = { gift: 'gift', csv: 'csv', json: 'opentdb' }

const files: { readonly name: string; readonly format: Format; readonly content: string }[] = []
for (const name of readdirSync(folder).sort()) {
  const format = /^\d/.test(name) ? FORMATS[name.split('.').at(-1) ?? ''] : undefined
  if (format !== undefined) files.push({ name, format, content: read(name) })
}
for (const [name, rows] of Object.entries(JSON.parse(read('workbooks.json')) as Record<string, string[][]>)) {
  files.push({ name: `${name}.xlsx`, format: 'xlsx', content: workbook(rows) })
}

/** One line a question: its kind and key, or the reason why it was left out. */
const outcome = async (format: Format, content: string): Promise<unknown> => {
  const parsed = await parseFile(format, content)
  if (!parsed.ok) return `refused: ${parsed.code}${parsed.detail === undefined ? '' : ` (${parsed.detail})`}`
  return {
    imported: parsed.questions.map(({ kind, prompt, options, ...question }) =>
      [kind, prompt, ...options, JSON.stringify('correct' in question ? question.correct : undefined)].join(' · '),
    ),
    skipped: parsed.skipped.map(({ index, reason }) => `${index}: ${reason}`),
  }
}

t.test('files made from the documentation of each format', async (t) => {
  const outcomes: Record<string, unknown> = {}
  for (const { name, format, content } of files) outcomes[name] = await outcome(format, content)
  if (process.env.UPDATE === '1') {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(new URL('expected.json', folder), `${JSON.stringify(outcomes, null, 2)}\n`)
  }
  const expected = JSON.parse(read('expected.json')) as Record<string, unknown>
  t.equal(files.length, 40)
  for (const { name } of files) t.same(outcomes[name], expected[name], name)
})
