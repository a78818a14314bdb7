import type { HttpResponse } from 'uWebSockets.js'
import { Connection, Session } from 'better-sse'
import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { RequestSchemas } from '../api/request-schemas.ts'
import type { Authentication } from '../auth/authentication.ts'
import type { ResponseHead } from '../http/reply.ts'
import type { StreamRoute } from '../http/router.ts'
import { boardOptionsOf, createStreamClient, type Pipe, type StreamCounters, type StreamLimits } from './client.ts'
import type { FrameEncoder } from './frame.ts'
import { parsePosition } from './history.ts'
import type { OpenStreams } from './open.ts'

/**
 * A comment: keeps middle boxes from closing a quiet connection, and finds dead ones. No empty line follows it, nor `retry:`:
 * parsers in use make an empty message of one (@microsoft/fetch-event-source).
 */
const COMMENT = Buffer.from(':\n')

/** Reconnect delay of a client: spread, so that the clients of a lost edge do not reconnect at the same time. */
const RETRY_MIN_MS = 1_000
const RETRY_SPREAD_MS = 2_000

const retryLine = (): string => `retry:${RETRY_MIN_MS + Math.floor(Math.random() * RETRY_SPREAD_MS)}\n`

export const createSseRoute = (deps: {
  readonly authentication: Authentication
  readonly streams: OpenStreams
  readonly schemas: Pick<RequestSchemas, 'stream'>
  readonly encoder: FrameEncoder
  readonly counters: StreamCounters
  readonly clock: Clock
  readonly limits: StreamLimits
}): StreamRoute => {
  const { authentication, streams, schemas, ...rest } = deps
  return {
    method: 'GET',
    path: '/v1/sessions/:sessionId/events',
    headers: ['last-event-id'],
    stream: async (request, exchange) => {
      const principal = await authentication.admit(request, 'stream.open')
      const subscriber = await streams.admit(
        principal,
        request.params.sessionId ?? '',
        'stream.open',
        boardOptionsOf(schemas.stream(request.query)),
      )
      const position = parsePosition(request.headers['last-event-id'])
      if (streams.isAtEnd(subscriber.sessionId, position)) throw new PodiumError('session-over')
      const res = exchange.take()
      if (res === undefined) return

      const connection = new UwsConnection(res, request.head)
      const pipe: Pipe = {
        heartbeat: COMMENT,
        write: (bytes) => connection.write(bytes),
        close: (reason) => {
          if (reason === 'draining') connection.sendChunk(retryLine())
          connection.abort()
          streams.end(client)
          // A client that does not read would keep a response open that waits for it to be ended in good order.
          if (reason === 'slow') {
            res.close()
          } else {
            exchange.ended()
            res.cork(() => res.end())
          }
        },
      }
      const client = createStreamClient({ pipe, subscriber, ...rest })
      exchange.onClose(() => {
        if (connection.isAborted) return
        connection.abort()
        client.gone()
        streams.end(client)
      })
      res.onWritable(() => {
        // Something must be written here, or uWebSockets.js stops draining what it holds.
        if (connection.isAborted) return true
        return client.flush() ?? connection.write(COMMENT)
      })

      const session = new Session(connection, { keepAlive: null, retry: null, trustClientEventId: false })
      // Also comes for a connection that was lost before its first turn.
      session.once('connected', () => {
        if (connection.isAborted) return
        connection.sendChunk(retryLine())
        void streams.start(client, subscriber, position) // never rejects
      })
    },
  }
}

/** Shared by all connections: better-sse would only look for query parameters in it, and there are none for it. */
const STREAM_URL = new URL('http://localhost/')

const NOTHING = new Uint8Array()

const HEAD = new Response(null, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } })

/** better-sse's view of a response of uWebSockets.js. Nothing is written once `abort` was called. */
class UwsConnection extends Connection {
  url = STREAM_URL
  response = HEAD
  request: Request
  readonly #res: HttpResponse
  readonly #head: ResponseHead
  readonly #abort = new AbortController()
  #isHeadDue = false
  #isAborted = false
  #chunk: Uint8Array = NOTHING
  #isFree = true
  /** One function for all writes of a connection: a new one each time is garbage for every client in every tick. */
  readonly #send = (): void => {
    if (this.#isHeadDue) this.#writeHead()
    this.#isFree = this.#res.write(this.#chunk)
  }

  constructor(res: HttpResponse, head: ResponseHead) {
    super()
    this.#res = res
    this.#head = head
    // The signal is all that better-sse reads of it; a whole Request costs 4 KB per connection.
    this.request = { signal: this.#abort.signal } as Request
  }

  get isAborted(): boolean {
    return this.#isAborted
  }

  /** The client has gone, or the response was ended. */
  abort(): void {
    this.#isAborted = true
    this.#abort.abort()
  }

  /** Leaves together with the first chunk, in one system call. */
  sendHead(): void {
    this.#isHeadDue = true
  }

  sendChunk(chunk: string): void {
    if (chunk !== '') this.write(Buffer.from(chunk))
  }

  /** False when the connection is congested; the bytes are taken in any case. An empty chunk would end the stream. */
  write(bytes: Uint8Array): boolean {
    if (this.#isAborted) return true
    this.#chunk = bytes
    this.#res.cork(this.#send)
    this.#chunk = NOTHING
    return this.#isFree
  }

  cleanup(): void {}

  #writeHead(): void {
    this.#isHeadDue = false
    this.#res.writeStatus('200 OK').writeHeader(...this.#head)
    for (const [name, value] of this.response.headers) this.#res.writeHeader(name, value)
  }
}
