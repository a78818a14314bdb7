import {
  type ConnectionEnd,
  type ConnectionHandlers,
  createOriginCheck,
  endOf,
  hintMs,
  type OpenConnection,
} from './connection.ts'
import { type Http, sessionPath, withToken } from './http.ts'
import type { ResponseLike } from './problem.ts'
import { clientProblem, PodiumProblem, problemOf } from './problem.ts'

const OPEN_TIMEOUT_MS = 10_000

/** Server-Sent Events over a streaming fetch, which unlike EventSource can send the token in a header. */
export const sseConnections = (http: Http, sessionId: string, query = ''): OpenConnection => {
  const origin = createOriginCheck(http.isThereOpaquely)
  return (lastEventId, handlers) => {
    let isOpen = false
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), OPEN_TIMEOUT_MS)

    const run = async (): Promise<ConnectionEnd> => {
      const response = await withToken(http.token, abort.signal, (token) =>
        http.platform.fetch(http.baseUrl + sessionPath(sessionId, '/events') + query, {
          method: 'GET',
          headers: {
            accept: 'text/event-stream',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
          },
          // Not a header: a browser would ask in a preflight whether the server knows it.
          cache: 'no-store',
          signal: abort.signal,
        }),
      )
      clearTimeout(timer)
      origin.connected()
      isOpen = true
      if (response.status !== 200) throw await problemOf(response)
      handlers.onOpen()
      return { retryAfterMs: hintMs(await readEvents(response, handlers)) }
    }

    void run()
      .catch((error: unknown) => {
        if (error instanceof PodiumProblem) return endOf(error)
        // The network, the stream or this side ended it: connect again.
        const reason = clientProblem('client-network', 'the connection was lost', error)
        return isOpen || abort.signal.aborted ? { reason } : origin.failed(reason)
      })
      .then((end) => {
        clearTimeout(timer)
        // Frees the connection when it ended for a reason of ours.
        abort.abort()
        handlers.onEnd(end)
      })

    return { send: () => false, close: () => abort.abort() }
  }
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

export interface SseEvent {
  readonly type: string
  readonly id: string | undefined
  readonly data: string
}

/** Text that a stream may hold back without a line end before it counts as broken; a snapshot has a few KiB. */
export const SSE_BUFFER_LIMIT = 1024 * 1024

/**
 * Parses an event stream piece by piece, as in the HTML standard ("9.2.6 Interpreting an event stream"). Comments are
 * left out. The result takes the next piece of text and returns the events that it completes.
 * @throws RangeError when an event exceeds SSE_BUFFER_LIMIT
 */
export const createSseParser = (onRetry?: (ms: number) => void): ((text: string) => SseEvent[]) => {
  let rest = ''
  let type = ''
  let id: string | undefined
  let data: string[] = []
  let held = 0

  const field = (line: string): void => {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') type = value
    else if (name === 'data') data.push(value)
    else if (name === 'id' && !value.includes('\0')) id = value
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
    held += value.length
  }

  return (text) => {
    const events: SseEvent[] = []
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line !== '') {
        if (!line.startsWith(':')) field(line)
        continue
      }
      if (data.length > 0) events.push({ type: type === '' ? 'message' : type, id, data: data.join('\n') })
      type = ''
      id = undefined
      data = []
      held = 0
    }
    if (held + rest.length > SSE_BUFFER_LIMIT) throw new RangeError('an event of the stream is too long')
    return events
  }
}
