import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/**
 * The file of one month: JSON lines, compressed with gzip.
 *
 *   {"format":"podium-archive","version":1,"month":"2026-11"}
 *   {"table":"sessions","row":{…}}                                columns as in Postgres, one line per row, table after table
 *   {"end":{"rows":{"sessions":12,…},"sha256":"…"}}               the digest is that of all lines before, with their line feeds
 *
 * A file that was written whole has its last line; one that was not is called `….partial`.
 */

export interface ArchiveRow {
  readonly table: string
  /** JSON. */
  readonly row: string
}

export type RowCounts = Readonly<Record<string, number>>

/** @throws when the file cannot be written, or what `rows` throws; a file of that name is then as it was before */
export const writeArchive = async (
  path: string,
  month: string,
  rows: AsyncIterable<ArchiveRow>,
): Promise<RowCounts> => {
  const partial = `${path}.partial`
  const counts: Record<string, number> = {}
  const hash = createHash('sha256')
  const lines = async function* (): AsyncGenerator<string> {
    yield hashed(hash, `${JSON.stringify({ format: 'podium-archive', version: 1, month })}\n`)
    for await (const { table, row } of rows) {
      counts[table] = (counts[table] ?? 0) + 1
      yield hashed(hash, `{"table":"${table}","row":${row}}\n`)
    }
    yield `${JSON.stringify({ end: { rows: counts, sha256: hash.digest('hex') } })}\n`
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(partial, { mode: 0o600 }))
  const file = await open(partial, 'r+')
  await file.sync().finally(() => file.close())
  await rename(partial, path)
  return counts
}

const hashed = (hash: Hash, line: string): string => {
  hash.update(line)
  return line
}

/** Reads a file to its end. @throws Error with a sentence when it is no archive, cut off or changed */
export const checkArchive = async (path: string): Promise<{ readonly month: string; readonly rows: RowCounts }> => {
  const hash = createHash('sha256')
  const counts: Record<string, number> = {}
  let month: string | undefined
  let end: { rows: RowCounts; sha256: string } | undefined
  const source = createReadStream(path)
  const unzipped = source.pipe(createGunzip())
  source.on('error', (error) => unzipped.destroy(error))
  for await (const line of createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (end !== undefined) throw new Error(`${path} goes on after its end`)
    const content = JSON.parse(line)
    if (month === undefined) {
      if (content.format !== 'podium-archive' || content.version !== 1) throw new Error(`${path} is no archive`)
      month = String(content.month)
    }
    if (content.end !== undefined) end = content.end
    else hash.update(`${line}\n`)
    if (content.table !== undefined) counts[content.table] = (counts[content.table] ?? 0) + 1
  }
  if (month === undefined || end === undefined) throw new Error(`${path} is cut off`)
  if (end.sha256 !== hash.digest('hex') || JSON.stringify(end.rows) !== JSON.stringify(counts)) {
    throw new Error(`${path} was changed after it was written`)
  }
  return { month, rows: counts }
}
