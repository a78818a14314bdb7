import type { HttpResponse } from 'uWebSockets.js'
import { isUtf8 } from 'node:buffer'
import { PodiumError } from '#lib/errors'
import type { Request } from './request.ts'

/** Bytes of unfinished bodies that all connections together may hold. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024

/** A request must be complete within this time, or its connection is closed. */
const BODY_DEADLINE_MS = 10_000
const SWEEP_MS = 1_000

/**
 * Called once with the whole body, or with the PodiumError `too-large`, `malformed` (not UTF-8), or `unavailable` (too many
 * unfinished bodies, or the client went away).
 */
export type BodyDone = (error: PodiumError | undefined, text: string) => void

export interface BodyReader {
  /**
   * Must be called before the driver's callback returns or awaits anything. The result is to be called when the client
   * goes away.
   */
  read(res: HttpResponse, request: Request, maxBytes: number, done: BodyDone): () => void
}

interface Unfinished {
  readonly res: HttpResponse
  readonly deadline: number
}

/** Almost every body comes with its head, so that nothing is kept of it, not even a timer of its own. */
export const createBodyReader = (): BodyReader => {
  /** In the order of their deadlines. */
  const unfinished = new Set<Unfinished>()
  let sweeping: NodeJS.Timeout | undefined
  let buffered = 0

  const sweep = (): void => {
    const now = performance.now()
    for (const { res, deadline } of unfinished) {
      if (deadline > now) break
      res.close() // which ends the reading as well
    }
    if (unfinished.size > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }

  return {
    read: (res, request, maxBytes, done) => {
      // The driver refuses a length that is no number. One that is a lie is caught by counting.
      if (Number(request.headers['content-length']) > maxBytes) {
        done(new PodiumError('too-large'), '')
        return () => undefined
      }
      let chunks: Buffer[] | undefined
      let length = 0
      let finished = false
      const entry = { res, deadline: performance.now() + BODY_DEADLINE_MS }
      unfinished.add(entry)
      sweeping ??= setInterval(sweep, SWEEP_MS).unref()

      const finish = (error: PodiumError | undefined, text: string): void => {
        finished = true
        unfinished.delete(entry)
        if (chunks !== undefined) for (const chunk of chunks) buffered -= chunk.length
        chunks = undefined
        done(error, text)
      }

      res.onData((data, isLast) => {
        if (finished) return
        const chunk = Buffer.from(data) // the driver's memory, gone when this callback returns
        length += chunk.length
        if (length > maxBytes) {
          finish(new PodiumError('too-large'), '')
        } else if (isLast) {
          const whole = chunks === undefined ? chunk : Buffer.concat([...chunks, chunk])
          if (isUtf8(whole)) finish(undefined, whole.toString('utf8'))
          else finish(new PodiumError('malformed', { detail: 'The body is not UTF-8.' }), '')
        } else if (buffered + chunk.length > MAX_BUFFERED_BYTES) {
          finish(new PodiumError('unavailable'), '')
        } else if (chunk.length > 0) {
          buffered += chunk.length
          chunks ??= []
          chunks.push(Buffer.from(chunk))
        }
      })
      return () => {
        if (!finished) finish(new PodiumError('unavailable'), '')
      }
    },
  }
}
