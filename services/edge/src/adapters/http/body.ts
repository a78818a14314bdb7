import type { HttpResponse } from 'uWebSockets.js'
import { isUtf8 } from 'node:buffer'
import { PodiumError } from '#lib/errors'
import type { Exchange } from './exchange.ts'
import type { Request } from './request.ts'

/** Bytes of unfinished bodies that all connections together may hold. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024

/** A request must be complete within this time, or its connection is closed. */
const BODY_DEADLINE_MS = 10_000

export interface BodyReader {
  /**
   * Must be called before the driver's callback returns or awaits anything.
   * @throws PodiumError `too-large`, `malformed` (not UTF-8), `unavailable` (too many unfinished bodies, or
   * the client went away).
   */
  read(res: HttpResponse, request: Request, exchange: Exchange, maxBytes: number): Promise<string>
}

export const createBodyReader = (): BodyReader => {
  let buffered = 0
  return {
    read: (res, request, exchange, maxBytes) =>
      new Promise((resolve, reject) => {
        // The driver refuses a length that is no number. One that is a lie is caught by counting.
        if (Number(request.headers['content-length']) > maxBytes) {
          reject(new PodiumError('too-large'))
          return
        }
        let chunks: Buffer[] = []
        let length = 0
        let finished = false
        const deadline = setTimeout(() => {
          if (exchange.isOpen()) res.close()
        }, BODY_DEADLINE_MS)

        const finish = (settle: () => void): void => {
          if (finished) return
          finished = true
          clearTimeout(deadline)
          for (const chunk of chunks) buffered -= chunk.length
          chunks = []
          settle()
        }

        exchange.onClose(() => finish(() => reject(new PodiumError('unavailable'))))
        res.onData((data, isLast) => {
          if (finished) return
          const chunk = Buffer.from(data) // the driver's memory, gone when this callback returns
          length += chunk.length
          if (length > maxBytes) {
            finish(() => reject(new PodiumError('too-large')))
          } else if (isLast) {
            const whole = chunks.length === 0 ? chunk : Buffer.concat([...chunks, chunk])
            if (isUtf8(whole)) {
              const text = whole.toString('utf8')
              finish(() => resolve(text))
            } else {
              finish(() => reject(new PodiumError('malformed', { detail: 'The body is not UTF-8.' })))
            }
          } else if (buffered + chunk.length > MAX_BUFFERED_BYTES) {
            finish(() => reject(new PodiumError('unavailable')))
          } else if (chunk.length > 0) {
            buffered += chunk.length
            chunks.push(Buffer.from(chunk))
          }
        })
      }),
  }
}
