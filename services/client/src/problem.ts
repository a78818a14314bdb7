/**
 * The little that the library needs of its platform, as shapes: the global `fetch` and `WebSocket` of browsers, React
 * Native and Node fit, and so does anything a test wants to put in their place.
 */
export interface ResponseLike {
  readonly status: number
  /** `opaque` for what a browser does not let a page read. */
  readonly type?: string
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  /** Absent in React Native, whose fetch cannot stream; use the WebSocket transport there. */
  readonly body?: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
      cancel(reason?: unknown): Promise<void>
    }
  } | null
}

/** Codes that the library itself gives to what is no problem document of the server; their status is 0. */
export type ClientCode =
  /** The server cannot be reached, or the connection broke. */
  | 'client-network'
  /** No answer in time. */
  | 'client-timeout'
  /** Closed by this side. */
  | 'client-closed'
  /** An answer that is none of this API. */
  | 'client-protocol'
  /** The stream was closed with a code that forbids to come back. */
  | 'client-refused'
  /** Too many answers wait to be sent. */
  | 'client-outbox-full'
  /** The host removed this player. */
  | 'player-removed'
  /** The player continues on another device. */
  | 'player-replaced'

export interface ProblemDetails {
  readonly detail?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly body?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/**
 * Every failure of the library. `code` is the stable code of the API's error list, or a ClientCode; switch on it.
 * `body` is the whole problem document, for members such as `playerId`.
 */
export class PodiumProblem extends Error {
  override readonly name = 'PodiumProblem'
  readonly code: string
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number
  readonly detail: string | undefined
  readonly traceId: string | undefined
  readonly errors: readonly { readonly pointer: string; readonly code: string }[]
  /** How long the server asks us to wait. */
  readonly retryAfterMs: number | undefined
  readonly body: Readonly<Record<string, unknown>>

  constructor(code: string, status: number, details: ProblemDetails = {}) {
    super(
      details.detail === undefined ? code : `${code}: ${details.detail}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    const body = details.body ?? {}
    this.code = code
    this.status = status
    this.detail = details.detail
    this.traceId = typeof body.traceId === 'string' ? body.traceId : undefined
    this.errors = Array.isArray(body.errors) ? body.errors : []
    this.retryAfterMs = details.retryAfterMs
    this.body = body
  }
}

export const clientProblem = (code: ClientCode, detail: string, cause?: unknown): PodiumProblem =>
  new PodiumProblem(code, 0, { detail, cause })

/** True when the very same request may succeed a little later: no answer, overload, or a failure on the server's side. */
export const isTransient = (problem: PodiumProblem): boolean =>
  problem.code === 'client-network' ||
  problem.code === 'client-timeout' ||
  problem.status === 429 ||
  problem.status >= 500

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A problem document, from HTTP or from a WebSocket's `error` message. */
export const problemFrom = (document: unknown, status: number, retryAfterMs?: number): PodiumProblem => {
  const body = isRecord(document) ? document : {}
  return new PodiumProblem(
    typeof body.code === 'string' ? body.code : 'client-protocol',
    typeof body.status === 'number' ? body.status : status,
    { detail: typeof body.detail === 'string' ? body.detail : undefined, retryAfterMs, body },
  )
}

/** The problem that a response with an error status stands for. Never throws. */
export const problemOf = async (response: ResponseLike): Promise<PodiumProblem> => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : undefined
  try {
    return problemFrom(JSON.parse(await response.text()), response.status, retryAfterMs)
  } catch (cause) {
    // Something between us and the edge answered, a proxy for instance; its status still tells whether to retry.
    return new PodiumProblem('client-protocol', response.status, { retryAfterMs, cause })
  }
}
