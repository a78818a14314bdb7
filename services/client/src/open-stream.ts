import type { StreamOptions } from './event-stream.ts'
import type { Http } from './http.ts'
import { sseConnections } from './sse-connection.ts'
import { createStream, type InnerStream } from './stream.ts'
import { webSocketConnections } from './websocket-connection.ts'

/** The stream of a session over the transport of choice. */
export const openStream = (http: Http, sessionId: string, options: StreamOptions): InnerStream => {
  const { random } = http.platform
  if (options.transport !== 'sse') return createStream(webSocketConnections(http, sessionId), random, options)
  const askTime = (timeoutMs: number) => http.json<{ now: number }>({ method: 'GET', path: '/v1/time', timeoutMs })
  return createStream(sseConnections(http, sessionId), random, options, askTime)
}
