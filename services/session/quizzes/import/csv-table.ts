/**
 * Records of a CSV text (RFC 4180): quoted fields may hold separators, line breaks and doubled quotes. The separator is a
 * comma or a semicolon, whichever the first line has more of. Undefined when a quoted field never ends. Reads no further
 * than one record more than `maxRecords`.
 */
export const parseCsvTable = (
  text: string,
  maxRecords = Number.POSITIVE_INFINITY,
): readonly (readonly string[])[] | undefined => {
  const source = text.replace(/^\ufeff/, '')
  const firstLine = source.slice(0, source.search(/[\r\n]|$/))
  const separator = firstLine.split(';').length > firstLine.split(',').length ? ';' : ','
  const records: string[][] = []
  let record: string[] = []
  let position = 0

  const endRecord = (): void => {
    // An empty line is no record.
    if (record.length > 1 || record[0] !== '') records.push(record)
    record = []
  }

  while (position < source.length && records.length <= maxRecords) {
    let field = ''
    if (source[position] === '"') {
      const quoted = quotedField(source, position)
      if (quoted === undefined) return undefined
      field = quoted.value
      position = quoted.end
    }
    const end = endOfField(source, position, separator)
    record.push(field + source.slice(position, end))
    position = end
    if (source[position] === separator) {
      position += 1
      if (position === source.length) record.push('')
      continue
    }
    endRecord()
    position += source.startsWith('\r\n', position) ? 2 : 1
  }
  if (record.length > 0) endRecord()
  return records
}

const endOfField = (source: string, from: number, separator: string): number => {
  let end = from
  while (end < source.length && source[end] !== separator && source[end] !== '\n' && source[end] !== '\r') end += 1
  return end
}

const quotedField = (source: string, from: number): { readonly value: string; readonly end: number } | undefined => {
  let value = ''
  for (let position = from + 1; ; ) {
    const quote = source.indexOf('"', position)
    if (quote === -1) return undefined
    value += source.slice(position, quote)
    if (source[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    position = quote + 2
  }
}
