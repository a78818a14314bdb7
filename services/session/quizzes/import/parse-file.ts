import { parseCsv } from './csv.ts'
import { type Assessed, assess, type Drafts, type FileHead } from './draft.ts'
import { parseGift } from './gift.ts'
import { parseOpenTdb } from './opentdb.ts'
import { parsePodium } from './podium.ts'
import { parseXlsx } from './xlsx.ts'

/** The formats of files; content is their text, of a workbook its bytes in base64. */
export const FORMATS = ['podium', 'opentdb', 'gift', 'csv', 'xlsx'] as const
export type Format = (typeof FORMATS)[number]

/** The questions of a file that can be used and why the others cannot; or why it is none of its format. */
export type ParsedFile =
  | ({ readonly ok: true; readonly head?: FileHead | undefined } & Assessed)
  | Extract<Drafts, { readonly ok: false }>

export const parseFile = async (
  format: Format,
  content: string,
  mediaHosts: readonly string[] = [],
): Promise<ParsedFile> => {
  const parsed = await draftsOf(format, content)
  return parsed.ok ? { ok: true, head: parsed.head, ...assess(parsed.drafts, mediaHosts) } : parsed
}

const draftsOf = (format: Format, content: string): Drafts | Promise<Drafts> => {
  switch (format) {
    case 'podium':
      return parsePodium(content)
    case 'opentdb':
      return parseOpenTdb(content)
    case 'gift':
      return parseGift(content)
    case 'csv':
      return parseCsv(content)
    case 'xlsx':
      return parseXlsx(content)
    default:
      return format satisfies never
  }
}
