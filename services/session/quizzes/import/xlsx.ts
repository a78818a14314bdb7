import { unzipSync } from 'fflate'
import readWorkbook from 'read-excel-file/node'
import type { Drafts } from './draft.ts'
import { parseTable } from './table.ts'

/** Unpacked bytes of a workbook at the most; the directory of the file says them before anything is unpacked. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024
const MAX_PARTS = 1_000

/** A workbook (.xlsx) in base64: the first sheet with a header that `parseTable` knows. */
export const parseXlsx = async (base64: string): Promise<Drafts> => {
  const file = Buffer.from(base64, 'base64')
  try {
    if (!isBounded(file)) return { ok: false, code: 'too-large' }
    const sheets = await readWorkbook(file)
    const tables = sheets.map(({ data }) => parseTable(data.map((row) => row.map(textOf))))
    return tables.find(({ ok }) => ok) ?? tables[0] ?? { ok: false, code: 'format' }
  } catch {
    return { ok: false, code: 'format' }
  }
}

const isBounded = (file: Uint8Array): boolean => {
  let [bytes, parts] = [0, 0]
  unzipSync(file, {
    filter: ({ originalSize }) => {
      bytes += originalSize
      parts += 1
      return false
    },
  })
  return bytes <= MAX_UNPACKED_BYTES && parts <= MAX_PARTS
}

const textOf = (cell: unknown): string => {
  if (cell === null || cell === undefined) return ''
  return cell instanceof Date ? cell.toISOString() : String(cell)
}
