/**
 * The little that the library needs of its platform, as shapes: the global `fetch` and `WebSocket` of browsers, React
 * Native and Node fit, and so does anything a test wants to put in their place.
 */
export interface ResponseLike {
  readonly status: number
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

export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<ResponseLike>

export interface WebSocketLike {
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown } & never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: { code: number; reason: string } & never) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/**
 * A token, or a function that has a fresh one. When the server did not accept the token, the function is asked once more
 * and told which one; a different result is tried.
 */
export type TokenSource = string | ((refused?: string) => string | Promise<string>)

export interface Platform {
  readonly fetch: FetchLike
  /** Undefined where there is none; only the WebSocket transport needs it. */
  readonly WebSocket: WebSocketConstructor | undefined
  /** 0 ≤ x < 1; spreads the waiting times of many clients. */
  readonly random: () => number
}
