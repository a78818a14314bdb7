import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import { randomBytes } from 'node:crypto'
import { PodiumError } from '#platform/errors'
import type { ProblemContext } from './problem.ts'
import { type Reply, writeReply } from './reply.ts'
import type { ResponseHead } from './response-heads.ts'

export interface ConnectionCap {
  /** Open connections. */
  count(): number
  /** A WebSocket has closed: the driver does not count those down by itself. */
  socketClosed(): void
}

export interface ConnectionCapOptions {
  readonly app: TemplatedApp
  readonly max: number
  readonly head: ResponseHead
  /** Connections speak TLS: there is no client to answer before the handshake. */
  readonly isSecure: boolean
  /** The response to a connection that is one too many. */
  readonly refusal: (error: PodiumError, context: ProblemContext) => Reply
}

/** Connections beyond the cap are answered with 503 and closed before they have said anything; those that are open stay. */
export const capConnections = ({ app, max, head, isSecure, refusal }: ConnectionCapOptions): ConnectionCap => {
  let count = 0
  // Called with 1 for a new connection, with -1 when it is gone.
  const onConnection = (res: HttpResponse, change: number): void => {
    count += change
    if (change < 0 || count <= max) return
    const error = new PodiumError('unavailable', { cause: new Error('too many connections') })
    const traceId = randomBytes(16).toString('hex')
    const reply = refusal(error, { path: '/', traceId: () => traceId })
    if (isSecure) res.close()
    else writeReply(res, { ...reply, close: true }, head)
  }
  app.filter((res, change) => onConnection(res, Number(change)))
  return {
    count: () => count,
    socketClosed: () => {
      count -= 1
    },
  }
}
