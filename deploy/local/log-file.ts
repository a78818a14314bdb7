import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export type LogFile = {
  /** One line without its newline. Never throws: a full disk must not stop the stack. */
  write(line: string): void
  close(): void
}

/** At this size the file becomes `<path>.1`, replacing the one before it. */
const maxBytes = 64 * 1024 * 1024

export const openLogFile = (path: string): LogFile => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const open = () => openSync(path, 'a', 0o600)
  const rotate = () => {
    if (existsSync(path)) renameSync(path, `${path}.1`)
  }
  rotate() // every run begins a file of its own
  let file: number | undefined = open()
  let size = fstatSync(file).size
  return {
    write(line) {
      if (file === undefined) return
      try {
        size += writeSync(file, `${line}\n`)
        if (size < maxBytes) return
        closeSync(file)
        file = undefined
        rotate()
        file = open()
        size = 0
      } catch (error) {
        process.emitWarning(`cannot write ${path}: ${error instanceof Error ? error.message : error}`)
      }
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
