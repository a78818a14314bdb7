/** Times and sizes of streams; shorter and smaller ones in tests. */
export interface StreamLimits {
  /** Milliseconds that a new WebSocket has to say where it wants to go on, before it is told the whole state. */
  readonly greetingMs: number
  /** Bytes that wait for a slow client here, besides what its connection has taken already. */
  readonly waitingBytes: number
  /** Milliseconds after which a connection that has taken nothing is given up. */
  readonly stalledMs: number
  /** Milliseconds between signs of life where the protocol has none of its own. */
  readonly heartbeatMs: number
  /** Seconds of silence after which a WebSocket is given up; it is pinged 16 s before. At least 8. */
  readonly idleSeconds: number
}

export const STREAM_LIMITS: StreamLimits = {
  greetingMs: 500,
  waitingBytes: 64 * 1024,
  stalledMs: 10_000,
  heartbeatMs: 15_000,
  idleSeconds: 40,
}
