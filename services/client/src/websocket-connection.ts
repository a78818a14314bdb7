import {
  type Connection,
  type ConnectionEnd,
  createOriginCheck,
  endOf,
  endOfCode,
  type Message,
  type OpenConnection,
} from './connection.ts'
import { type Http, sessionPath, tokenOf, type WebSocketLike } from './http.ts'
import { clientProblem, PodiumProblem } from './problem.ts'

const SUBPROTOCOL = 'podium.v1'
const OPEN_TIMEOUT_MS = 10_000
const TOKEN_EXPIRED = 4501

/** A WebSocket with the token in a subprotocol: neither browsers nor Node let us set a header. */
export const webSocketConnections = (http: Http, sessionId: string, query = ''): OpenConnection => {
  const origin = createOriginCheck(http.isThereOpaquely)
  return (lastEventId, handlers) => {
    const { WebSocket } = http.platform
    let socket: WebSocketLike | undefined
    let open = false
    let ended = false
    const abort = new AbortController()

    const end = (reason: ConnectionEnd): void => {
      if (ended) return
      ended = true
      open = false
      clearTimeout(timer)
      abort.abort()
      if (socket !== undefined) {
        // A browser still reports its own closing; there are no listeners any more.
        socket.onopen = socket.onmessage = socket.onclose = null
        socket.onerror = () => undefined
        socket.close()
      }
      handlers.onEnd(reason)
    }
    const timer = setTimeout(
      () => end({ reason: clientProblem('client-timeout', `not open within ${OPEN_TIMEOUT_MS} ms`) }),
      OPEN_TIMEOUT_MS,
    )

    const start = async (): Promise<void> => {
      const token = await tokenOf(http.token, abort.signal)
      if (WebSocket === undefined) {
        end({ problem: clientProblem('client-protocol', 'there is no WebSocket here; use the SSE transport') })
        return
      }
      if (!ended) socket = attach(new WebSocket(socketUrl(http.baseUrl, sessionId) + query, protocols(token)))
    }

    const attach = (created: WebSocketLike): WebSocketLike => {
      created.onopen = () => {
        clearTimeout(timer)
        origin.connected()
        open = true
        // Has to be the very first message.
        if (lastEventId !== undefined) created.send(JSON.stringify({ type: 'resume', data: { lastEventId } }))
        handlers.onOpen()
      }
      created.onmessage = ({ data }) => {
        const message = parseMessage(data)
        if (message === undefined) end({ reason: clientProblem('client-protocol', 'a message is no JSON') })
        else handlers.onMessage(message)
      }
      // Of an upgrade that failed, browsers tell with an error and a close event, Node 22 with the error alone.
      let refused = false
      const failed = () => {
        if (refused) return
        refused = true
        void refusal(http, sessionId, abort.signal)
          .then((reason) => (reason.status === 0 ? origin.failed(reason) : endOf(reason)))
          .then(end)
      }
      created.onerror = () => {
        if (!open) failed()
      }
      created.onclose = ({ code, reason }) => {
        if (!open) failed()
        // With a function for tokens there is a fresh one.
        else end(code === TOKEN_EXPIRED && typeof http.token === 'function' ? {} : endOfCode(code, reason))
      }
      return created
    }

    start().catch((error: unknown) => end({ reason: clientProblem('client-network', 'not connected', error) }))

    const connection: Connection = {
      send: (text) => {
        if (open) socket?.send(text)
        return open
      },
      close: () => end({}),
    }
    return connection
  }
}

const socketUrl = (baseUrl: string, sessionId: string): string =>
  baseUrl.replace(/^http/, 'ws') + sessionPath(sessionId, '/ws')

const protocols = (token: string | undefined): string[] =>
  token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`]

const parseMessage = (data: unknown): Message | undefined => {
  try {
    const message = JSON.parse(String(data)) as Message
    if (typeof message?.type !== 'string') return undefined
    return message.id === undefined ? message : { ...message, id: String(message.id) }
  } catch {
    return undefined
  }
}

/** Why an upgrade failed: a platform does not tell, a plain request with the same token does. Never rejects. */
const refusal = async (http: Http, sessionId: string, signal: AbortSignal): Promise<PodiumProblem> => {
  try {
    await http.json({ method: 'GET', path: sessionPath(sessionId), signal })
    return new PodiumProblem('unavailable', 503, { detail: 'the upgrade to a WebSocket failed' })
  } catch (error) {
    return error instanceof PodiumProblem ? error : clientProblem('client-network', 'not connected', error)
  }
}
