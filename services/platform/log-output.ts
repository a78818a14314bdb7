import { writeSync } from 'node:fs'

/** Text that waits for a reader at the most, in characters; what comes then is counted and dropped. */
const MAX_WAITING = 4 * 2 ** 20
const RETRY_MS = 50
/** What is left when the process ends gets so long. */
const EXIT_FLUSH_MS = 500

export interface LogOutput {
  write(line: string): void
}

/** @throws the system's error; returns how many bytes it took. */
type Write = (bytes: Buffer) => number

/**
 * Where log lines go. The process does not wait for their reader: while it takes nothing they wait here, up to a limit, and when it is
 * gone there is no need to log. The destination that pino comes with repeats its last write for ever when the reader
 * died, and a process that gets SIGTERM never exits.
 */
export const createLogOutput = (write: Write = toStandardOutput, proc: NodeJS.EventEmitter = process): LogOutput => {
  let waiting: Buffer[] = []
  let size = 0
  let dropped = 0
  let isGone = false
  let timer: NodeJS.Timeout | undefined

  /** Writes what it can; true when nothing is left to write. */
  const drain = (): boolean => {
    while (waiting[0] !== undefined) {
      const [first] = waiting
      try {
        const taken = write(first)
        size -= taken
        if (taken < first.length) waiting[0] = first.subarray(taken)
        else waiting.shift()
      } catch (error) {
        if (isBusy(error)) return false
        isGone = true
        waiting = []
      }
    }
    return true
  }

  const keep = (line: string): void => {
    const bytes = Buffer.from(line)
    waiting.push(bytes)
    size += bytes.length
  }

  const work = (): void => {
    timer = undefined
    if (!drain()) {
      timer = setTimeout(work, RETRY_MS).unref()
      return
    }
    if (dropped === 0 || isGone) return
    keep(`${JSON.stringify({ level: 40, time: new Date().toISOString(), count: dropped, msg: 'log lines dropped' })}\n`)
    dropped = 0
    work()
  }

  proc.on('exit', () => {
    const deadline = performance.now() + EXIT_FLUSH_MS
    while (!drain() && performance.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  })

  return {
    write: (line) => {
      if (isGone) return
      if (size >= MAX_WAITING) {
        dropped += 1
        return
      }
      keep(line)
      if (timer === undefined) work()
    },
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY')

/** Its first use makes Node.js open the stream, and a pipe then refuses instead of letting the process wait. */
const toStandardOutput: Write = (bytes) => writeSync(process.stdout.fd, bytes)
