import { clientProblem, PodiumProblem } from './problem.ts'

/** A message as it came, of whatever type. */
export interface Message {
  readonly type: string
  readonly id?: string
  readonly ref?: string | number
  readonly data: unknown
}

/** Why a connection is over. */
export interface ConnectionEnd {
  /** The server does not want this client back. */
  readonly problem?: PodiumProblem
  /** Otherwise: what went wrong. Default: the connection was lost. */
  readonly reason?: PodiumProblem
  /** The server's wish for the next attempt. */
  readonly retryAfterMs?: number | undefined
}

export interface ConnectionHandlers {
  /** The transport is there; what was asked to be resumed has been said. */
  onOpen(): void
  onMessage(message: Message): void
  /** A sign of life that is no message. */
  onActivity(): void
  /** Exactly once, also after close(). */
  onEnd(end: ConnectionEnd): void
}

/** One attempt to be connected, from its first byte to its end. */
export interface Connection {
  /** False when it cannot be sent: not open, or the transport is one-way. */
  send(text: string): boolean
  close(): void
}

/** Resumes after `lastEventId` where that is given. */
export type OpenConnection = (lastEventId: string | undefined, handlers: ConnectionHandlers) => Connection

/** Refusals that will not change by asking again. */
export const isFinal = ({ status }: PodiumProblem): boolean => status >= 400 && status < 500 && status !== 429

export const endOf = (problem: PodiumProblem): ConnectionEnd =>
  isFinal(problem) ? { problem } : { reason: problem, retryAfterMs: hintMs(problem.retryAfterMs) }

/** Failed attempts without one that succeeded, after which a browser is asked whether the server is there at all. */
const MAX_BLIND_FAILURES = 3

/**
 * A browser does not tell a page that the server refuses its origin or its headers (CORS) from a network that is down. When
 * no connection was ever made although the server is there, trying again is pointless.
 */
export const createOriginCheck = (isThereOpaquely: () => Promise<boolean>) => {
  let failures = 0
  return {
    connected: () => {
      failures = Number.NEGATIVE_INFINITY
    },
    failed: async (reason: PodiumProblem): Promise<ConnectionEnd> => {
      failures += 1
      if (failures < MAX_BLIND_FAILURES || !(await isThereOpaquely())) return { reason }
      const detail = 'the server is there, but the browser does not let this page talk to it; is its origin allowed?'
      return { problem: clientProblem('client-refused', detail, reason) }
    },
  }
}

/** Longest delay (ms) that a server can ask for: a wrong hint must not lock a client out. */
const MAX_HINT_MS = 60_000

/** A delay as servers tell it; undefined for what is none. */
export const hintMs = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 ? Math.min(value, MAX_HINT_MS) : undefined

/**
 * What a WebSocket's close code says: 4500 to 4999 mean that the same client need not come again. Before a planned stop
 * the reason is `{"retryAfterMs": …}`, different for every client.
 */
export const endOfCode = (code: number, reason: string): ConnectionEnd => {
  const detail = reason === '' ? `closed with ${code}` : `closed with ${code}: ${reason}`
  if (code < 4500 || code > 4999) {
    return { reason: clientProblem('client-network', detail), retryAfterMs: hintOf(reason) }
  }
  switch (code) {
    case 4501:
      return { problem: new PodiumProblem('unauthorized', 401, { detail }) }
    case 4503:
      return { problem: clientProblem('player-removed', detail) }
    case 4504:
      return { problem: sessionOver(detail) }
    case 4505:
      return { problem: clientProblem('player-replaced', detail) }
    default:
      return { problem: clientProblem('client-refused', detail) }
  }
}

export const sessionOver = (detail: string): PodiumProblem => new PodiumProblem('session-over', 409, { detail })

const hintOf = (reason: string): number | undefined => {
  try {
    return hintMs((JSON.parse(reason) as { readonly retryAfterMs?: unknown } | null)?.retryAfterMs)
  } catch {
    return undefined // a reason in words
  }
}
