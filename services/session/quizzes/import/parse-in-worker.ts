import { Worker } from 'node:worker_threads'
import { PodiumError } from '#platform/errors'
import type { Format, ParsedFile } from './parse-file.ts'

export interface ImportLimits {
  /** Time to read one file. Default 5 000 ms; more than that is a file made to be slow. */
  readonly deadlineMs?: number
  /** Files read at once. Default 1: the other core belongs to the games. */
  readonly parallel?: number
  /** Files that may wait for their turn. Default 8. */
  readonly waiting?: number
  /** Where media may lie. Default: on any public host. */
  readonly mediaHosts?: readonly string[]
}

/** Reads a file. @throws PodiumError `malformed` when it takes too long, `unavailable` when too many wait */
export type ParseInWorker = (format: Format, content: string) => Promise<ParsedFile>

const HEAP_MB = 512

/** Said by a thread that has loaded its code: what it takes from then on is the file's doing, before it the machine's. */
export const READY = 'ready'
const START_MS = 20_000

/**
 * Files are read in a worker thread with a deadline and a heap of its own, so that no file, whatever is in it, delays the
 * timers of a game or takes the process with it.
 */
export const createParseInWorker = ({
  deadlineMs = 5_000,
  parallel = 1,
  waiting = 8,
  mediaHosts = [],
}: ImportLimits = {}): ParseInWorker => {
  let running = 0
  const queue: (() => void)[] = []

  const turn = async (): Promise<void> => {
    if (running < parallel) {
      running += 1
      return
    }
    if (queue.length >= waiting) throw new PodiumError('unavailable', { cause: new Error('too many imports wait') })
    await new Promise<void>((resolve) => queue.push(resolve)) // the one before hands its place on
  }

  return async (format, content) => {
    await turn()
    try {
      return await parseOnce({ format, content, mediaHosts }, deadlineMs)
    } finally {
      const next = queue.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

const parseOnce = async (workerData: object, deadlineMs: number): Promise<ParsedFile> => {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const tooExpensive = (cause?: unknown) =>
        reject(new PodiumError('malformed', { errors: [{ pointer: '/content', code: 'too-expensive' }], cause }))
      const notReady = () => reject(new PodiumError('unavailable', { cause: new Error('the reader did not start') }))
      timer = setTimeout(notReady, START_MS)
      worker.on('message', (message: typeof READY | ParsedFile) => {
        if (message !== READY) return resolve(message)
        clearTimeout(timer)
        timer = setTimeout(tooExpensive, deadlineMs)
      })
      worker.once('error', (err: NodeJS.ErrnoException) =>
        err.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooExpensive(err) : reject(err),
      )
      worker.once('exit', (code) => reject(new Error(`the import's worker ended with ${code}`)))
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
