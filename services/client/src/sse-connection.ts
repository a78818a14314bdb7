import { type ConnectionEnd, type ConnectionHandlers, endOf, hintMs, type OpenConnection } from './connection.ts'
import { type Http, withToken } from './http.ts'
import { sessionPath } from './paths.ts'
import type { ResponseLike } from './platform.ts'
import { clientProblem, PodiumProblem, problemOf } from './problem.ts'
import { createSseParser } from './sse-parser.ts'

const OPEN_TIMEOUT_MS = 10_000

/** Server-Sent Events over a streaming fetch, which unlike EventSource can send the token in a header. */
export const sseConnections =
  (http: Http, sessionId: string): OpenConnection =>
  (lastEventId, handlers) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), OPEN_TIMEOUT_MS)

    const run = async (): Promise<ConnectionEnd> => {
      const response = await withToken(http.token, abort.signal, (token) =>
        http.platform.fetch(http.baseUrl + sessionPath(sessionId, '/events'), {
          method: 'GET',
          headers: {
            accept: 'text/event-stream',
            'cache-control': 'no-store',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
          },
          signal: abort.signal,
        }),
      )
      clearTimeout(timer)
      if (response.status !== 200) throw await problemOf(response)
      handlers.onOpen()
      return { retryAfterMs: hintMs(await readEvents(response, handlers)) }
    }

    void run()
      // Whatever else broke, the network or the stream: come back.
      .catch((error: unknown) => (error instanceof PodiumProblem ? endOf(error) : {}))
      .then((end) => {
        clearTimeout(timer)
        // Frees the connection when it ended for a reason of ours.
        abort.abort()
        handlers.onEnd(end)
      })

    return { send: () => false, close: () => abort.abort() }
  }

/**
 * Reads until the server ends the stream in good order, as it does before a planned stop; resolves with its last
 * `retry:`. One that breaks off rejects: then the server has had no say in when to come back.
 */
const readEvents = async (response: ResponseLike, handlers: ConnectionHandlers): Promise<number | undefined> => {
  if (response.body === undefined || response.body === null) {
    throw new PodiumProblem('client-protocol', 400, { detail: 'this fetch cannot stream; use the WebSocket transport' })
  }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let retryMs: number | undefined
  const parse = createSseParser((ms) => {
    retryMs = ms
  })
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return retryMs
    handlers.onActivity()
    for (const { type, id, data } of parse(decoder.decode(value, { stream: true }))) {
      handlers.onMessage({ type, ...(id !== undefined && { id }), data: parseJson(data) })
    }
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw clientProblem('client-protocol', 'an event is no JSON', cause)
  }
}
