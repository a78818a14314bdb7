import { CsvError, parse } from 'csv-parse/sync'
import { type Drafts, MAX_DRAFTS } from './draft.ts'
import { parseTable } from './table.ts'

const DELIMITERS = [',', ';', '\t'] as const
/** Rows read at the most: every question, and what may stand above the header or be empty. */
const MAX_ROWS = 2 * MAX_DRAFTS
/** More than a whole question; a quote that never ends would otherwise take the rest of the file. */
const MAX_RECORD_CHARACTERS = 100_000

/**
 * A table as CSV (RFC 4180), as spreadsheets write it: separated by commas, semicolons or tabs, whichever the first line
 * has most of or its mark `sep=;` names; with or without a byte order mark; empty rows and cells at the end are ordinary.
 */
export const parseCsv = (content: string): Drafts => {
  let source = content.replace(/^\ufeff/, '')
  const [mark, named] = /^sep=(.)\r?\n/i.exec(source) ?? []
  if (mark !== undefined) source = source.slice(mark.length)
  const [firstLine = ''] = /^[^\r\n]*/.exec(source) ?? []
  const most = [...DELIMITERS].sort((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ','
  try {
    const rows = parse(source, {
      delimiter: named ?? most,
      to: MAX_ROWS,
      max_record_size: MAX_RECORD_CHARACTERS,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    })
    return parseTable(rows)
  } catch (error) {
    const tooLong = error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE'
    return { ok: false, code: tooLong ? 'row-too-long' : 'format' }
  }
}
