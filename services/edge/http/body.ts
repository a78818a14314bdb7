import type { HttpResponse } from 'uWebSockets.js'
import { isUtf8 } from 'node:buffer'
import { PodiumError } from '#platform/errors'
import { createBodyBudget, type KeptBody } from './body-budget.ts'
import type { Request } from './request.ts'
import type { ReplyRoute } from './router.ts'

/** A body that is announced to be longer is not begun with before it is known who sends it. */
const SHORT_BYTES = 16 * 1024

/** A request must be complete within this time, or its connection is closed. */
const BODY_DEADLINE_MS = 10_000
const SWEEP_MS = 1_000

/**
 * Called once with the whole body, or with the PodiumError `too-large`, `malformed` (not UTF-8), or `unavailable` (too many
 * unfinished bodies, or the client went away), or with what `preauthenticate` threw.
 */
export type BodyDone = (error: unknown, text: string) => void

export interface BodyReader {
  /**
   * Must be called before the driver's callback returns or awaits anything. The result is to be called when the client
   * goes away.
   */
  read(res: HttpResponse, request: Request, route: BodyRoute, done: BodyDone): () => void
}

type BodyRoute = Pick<ReplyRoute, 'maxBodyBytes' | 'preauthenticate'>

interface Unfinished {
  readonly res: HttpResponse
  readonly deadline: number
}

/** Almost every body comes with its head, so that nothing is kept of it, not even a timer of its own. */
export const createBodyReader = (budget = createBodyBudget()): BodyReader => {
  /** In the order of their deadlines. */
  const unfinished = new Set<Unfinished>()
  let sweeping: NodeJS.Timeout | undefined

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
    read: (res, request, route, done) => {
      const { maxBodyBytes: maxBytes = 0 } = route
      // The driver refuses a length that is no number. One that is a lie is caught by counting.
      const announced = Number(request.headers['content-length'])
      if (announced > maxBytes) {
        done(new PodiumError('too-large'), '')
        return () => undefined
      }
      let kept: KeptBody | undefined
      let length = 0
      let finished = false
      const entry = { res, deadline: performance.now() + BODY_DEADLINE_MS }

      const finish = (error: unknown, text: string): void => {
        if (finished) return
        finished = true
        unfinished.delete(entry)
        kept?.release()
        kept = undefined
        done(error, text)
      }
      const open = (): KeptBody =>
        budget.open(
          () => route.preauthenticate?.(request) ?? false,
          (error) => finish(error, ''),
        )

      if (announced > SHORT_BYTES) {
        kept = open()
        if (finished) return () => undefined
      }
      unfinished.add(entry)
      sweeping ??= setInterval(sweep, SWEEP_MS).unref()
      res.onData((data, isLast) => {
        if (finished) return
        const chunk = Buffer.from(data) // the driver's memory, gone when this callback returns
        length += chunk.length
        if (length > maxBytes) finish(new PodiumError('too-large'), '')
        else if (!isLast) {
          if (chunk.length === 0) return
          kept ??= open()
          kept.keep(chunk)
        } else {
          const whole = kept === undefined ? chunk : Buffer.concat([...kept.chunks(), chunk])
          if (isUtf8(whole)) finish(undefined, whole.toString('utf8'))
          else finish(new PodiumError('malformed', { detail: 'The body is not UTF-8.' }), '')
        }
      })
      return () => finish(new PodiumError('unavailable'), '')
    },
  }
}
