import { StringDecoder } from 'node:string_decoder'

/** A line longer than this is cut into pieces, so that a process without newlines cannot fill the supervisor's memory. */
const maxLineLength = 64 * 1024

/** Feed chunks of a byte stream in, get whole lines out; `end` flushes the last one. */
export const createLineSplitter = (onLine: (line: string) => void) => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const emit = (line: string) => onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  return {
    push(chunk: Buffer): void {
      const pieces = (rest + decoder.write(chunk)).split('\n')
      rest = pieces.pop() ?? ''
      for (const line of pieces) emit(line)
      while (rest.length > maxLineLength) {
        emit(rest.slice(0, maxLineLength))
        rest = rest.slice(maxLineLength)
      }
    },
    end(): void {
      rest += decoder.end()
      if (rest !== '') emit(rest)
      rest = ''
    },
  }
}

/** The newest `limit` lines of something. */
export const createTail = (limit: number) => {
  const lines: string[] = []
  return {
    add(line: string): void {
      lines.push(line)
      if (lines.length > limit) lines.shift()
    },
    lines: (): readonly string[] => lines,
  }
}
