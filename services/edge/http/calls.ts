import type { HttpResponse } from 'uWebSockets.js'
import { createBodyReader } from './body.ts'
import { type Reply, writeReply } from './reply.ts'
import type { Request } from './request.ts'
import type { RequestWatch } from './request-watch.ts'
import type { ReplyRoute } from './router.ts'

/** Requests that get one whole response. */
export interface Calls {
  /** Must be called before the driver's callback returns or awaits anything. */
  serve(res: HttpResponse, request: Request, route: ReplyRoute): void
  /** Answers at once, without reading a body. */
  reply(res: HttpResponse, request: Request, reply: Reply): void
  /** The same for an error. Returns the status for the watch. */
  refuse(res: HttpResponse, request: Request, error: unknown, options?: RefusalOptions): string
}

export interface RefusalOptions {
  /** The methods of the resource, for `method-not-allowed`. */
  readonly allow?: string
  /** Close the connection: what follows cannot be known. */
  readonly close?: boolean
}

export interface CallsOptions {
  /** What was thrown, as a response. */
  readonly refusal: (error: unknown, request: Request, allow?: string) => Reply
  readonly watchOf: (route: ReplyRoute) => RequestWatch
  /** Every response ends its connection. */
  readonly isDraining: () => boolean
  readonly onBegin: () => void
  readonly onEnd: () => void
}

/** What the watch records when the client had gone. */
export const CLIENT_GONE = '499'

/** The driver insists on a listener, and on HEAD does not see that there was a response. */
const ignore = (): void => undefined

/** Of a body that is not read the driver swallows this much for the sake of the connection. */
const MAX_SWALLOWED_BYTES = 8 * 1024 * 1024

const exceedsDrainLimit = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== '' || Number(headers['content-length']) > MAX_SWALLOWED_BYTES

/**
 * With callbacks rather than promises: this is the way of every answer, and a route that knows its reply at once, or has
 * one promise for it, pays for no more than that.
 */
export const createCalls = ({ refusal, watchOf, isDraining, onBegin, onEnd }: CallsOptions): Calls => {
  const bodies = createBodyReader()

  const send = (res: HttpResponse, request: Request, reply: Reply, isRead: boolean): string => {
    const close = isDraining() || (!isRead && exceedsDrainLimit(request))
    writeReply(res, close ? { ...reply, close } : reply, request.head, request.method === 'HEAD')
    return reply.status
  }

  return {
    reply: (res, request, reply) => {
      res.onAborted(ignore)
      send(res, request, reply, false)
    },
    refuse: (res, request, error, { allow, close = false } = {}) => {
      res.onAborted(ignore)
      return send(res, request, { ...refusal(error, request, allow), close }, false)
    },
    serve: (res, request, route) => {
      const { maxBodyBytes = 0 } = route
      const watch = watchOf(route)
      let isOpen = true
      let isRead = false
      let abort: (() => void) | undefined

      const end = (reply: Reply | undefined, error?: unknown): void => {
        watch.end(request, reply === undefined ? CLIENT_GONE : send(res, request, reply, isRead), error)
        onEnd()
      }
      const succeed = (reply: Reply): void => {
        const wasOpen = isOpen
        isOpen = false
        end(wasOpen ? reply : undefined)
      }
      const fail = (error: unknown): void => {
        const wasOpen = isOpen
        isOpen = false
        end(wasOpen ? refusal(error, request) : undefined, error)
      }
      const answer = (body: string): void => {
        let reply: Reply | Promise<Reply>
        try {
          reply = route.handle(request, body)
        } catch (error) {
          fail(error)
          return
        }
        if (reply instanceof Promise) reply.then(succeed, fail)
        else succeed(reply)
      }

      onBegin()
      request.span = watch.begin(request)
      res.onAborted(() => {
        isOpen = false
        abort?.()
      })
      if (maxBodyBytes === 0) {
        answer('')
        return
      }
      abort = bodies.read(res, request, route, (error, text) => {
        isRead = error === undefined
        if (error === undefined) answer(text)
        else fail(error)
      })
    },
  }
}
