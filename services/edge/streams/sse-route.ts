import { Session } from 'better-sse'
import type { Clock } from '#platform/clock'
import type { Authentication } from '../auth/authentication.ts'
import type { StreamRoute } from '../http/router.ts'
import { createStreamClient, type Pipe, type StreamCounters } from './client.ts'
import { parsePosition } from './feed-history.ts'
import type { FrameEncoder } from './frame.ts'
import type { StreamLimits } from './limits.ts'
import type { Streams } from './open.ts'
import { UwsConnection } from './sse-connection.ts'

/** A comment: keeps middle boxes from closing a quiet connection, and finds dead ones. */
const COMMENT = Buffer.from(':\n\n')

/** Reconnect delay of a client: spread, so that the clients of a lost edge do not come back at once. */
const RETRY_MIN_MS = 1_000
const RETRY_SPREAD_MS = 2_000

const retryMs = (): number => RETRY_MIN_MS + Math.floor(Math.random() * RETRY_SPREAD_MS)

export interface SseRouteDeps {
  readonly authentication: Authentication
  readonly streams: Streams
  readonly encoder: FrameEncoder
  readonly counters: StreamCounters
  readonly clock: Clock
  readonly limits: StreamLimits
}

export const createSseRoute = ({ authentication, streams, ...rest }: SseRouteDeps): StreamRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/events',
  headers: ['last-event-id'],
  wantsAddress: true,
  stream: async (request, exchange) => {
    const principal = await authentication.admit(request, 'stream.open')
    const admission = await streams.admit(principal, request.params.sessionId ?? '')
    const position = parsePosition(request.headers['last-event-id'])
    const res = exchange.take()
    if (res === undefined) return

    const connection = new UwsConnection(res, request.head)
    const pipe: Pipe = {
      heartbeat: COMMENT,
      write: (bytes) => connection.write(bytes),
      close: (reason) => {
        if (reason === 'draining') connection.sendChunk(`retry:${retryMs()}\n\n`)
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
    const client = createStreamClient({ pipe, admission, ...rest })
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

    const session = new Session(connection, { keepAlive: null, retry: retryMs(), trustClientEventId: false })
    // Also comes for a connection that was lost before its first turn.
    session.once('connected', () => {
      if (!connection.isAborted) void streams.start(client, admission, position) // never rejects
    })
  },
})
