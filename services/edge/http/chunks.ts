import type { HttpResponse } from 'uWebSockets.js'
import { PodiumError } from '#platform/errors'

/** What the driver may hold of a response that is written in chunks, while its client does not read. */
const PIECE_BYTES = 64 * 1024
/** Less than the room that a socket has whenever it is writable, so that what the driver holds only shrinks. */
const STEP_BYTES = 1024
/** In which a client must have read one chunk. */
const CHUNK_DEADLINE_MS = 30_000

const clientGone = () => new PodiumError('unavailable', { detail: 'The client has disconnected.' })

/**
 * The body of a response whose length is not known beforehand, written only as fast as its client reads. `begin` writes
 * status and headers, right before the first bytes.
 */
export const createChunks = (res: HttpResponse, begin: () => void) => {
  let isBegun = false
  let isGone = false
  let isFree = true
  let proceed: (() => void) | undefined

  const put = (bytes: Uint8Array): void => {
    res.cork(() => {
      if (!isBegun) {
        isBegun = true
        begin()
        res.onWritable(() => {
          proceed?.()
          return true
        })
      }
      isFree = res.write(bytes)
    })
  }

  return {
    isBegun: (): boolean => isBegun,
    /**
     * Resolves when the client has taken the chunk, but for a little. It must have resolved before the next one.
     * @throws PodiumError `unavailable` when the client disconnected, or does not read
     */
    write: async (chunk: string): Promise<void> => {
      const bytes = Buffer.from(chunk)
      const timer = setTimeout(() => {
        if (!isGone) res.close()
      }, CHUNK_DEADLINE_MS)
      try {
        for (let at = 0, end = 0; at < bytes.length; at = end) {
          if (isGone) throw clientGone()
          // The driver goes on with what it holds only when more is written, and does not say how much that is.
          end = at + (isFree ? PIECE_BYTES : STEP_BYTES)
          put(bytes.subarray(at, end))
          if (!isFree) {
            await new Promise<void>((resolve) => {
              proceed = resolve
            })
          }
        }
        if (isGone) throw clientGone()
      } finally {
        clearTimeout(timer)
      }
    },
    /** To be called when the client disconnects. */
    gone: (): void => {
      isGone = true
      proceed?.()
    },
  }
}
