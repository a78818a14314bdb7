/** Why the edge ends a stream. WebSocket close codes: 4000–4499 invite the client back, 4500–4999 do not. */
export const CLOSE_CODES = {
  /** The client takes less than it is sent. */
  slow: 4408,
  /** The edge lost track of the session's events; a new connection starts with a snapshot. */
  'position-lost': 4410,
  draining: 4412,
  /** The token has expired. */
  token: 4501,
  removed: 4503,
  /** The player continues on another connection. */
  replaced: 4505,
  /** Too many bad requests. */
  errors: 4509,
} as const

export type CloseReason = keyof typeof CLOSE_CODES
