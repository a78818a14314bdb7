/** What a player token says about itself; `session` signs it, every edge checks it. */
export const PLAYER_ISSUER = 'podium'
export const PLAYER_AUDIENCE = 'podium-player'
/** The JWS header's `typ`, so that no other token of the same key can pass as one. */
export const PLAYER_TOKEN_TYPE = 'player+jwt'
export const PLAYER_TOKEN_TTL_SECONDS = 12 * 60 * 60
/** Of a token for a screen that shows a session to everyone in the room; issuer, key and algorithm are those of players. */
export const DISPLAY_AUDIENCE = 'podium-display'
export const DISPLAY_TOKEN_TYPE = 'display+jwt'
export const DISPLAY_TOKEN_TTL_SECONDS = 12 * 60 * 60
/** The one algorithm of every token we accept or make, where the operator's identity provider leaves us the choice. */
export const PLAYER_TOKEN_ALGORITHM = 'EdDSA'

/** Claims of a player token beside iss, aud, iat, exp and jti. */
export interface PlayerClaims {
  /** Player id. */
  readonly sub: string
  /** Session id. */
  readonly sid: string
  /** Join order; the last tie-breaker of the board. */
  readonly ord: number
  /** Generation: grows with every resume on another device. */
  readonly gen: number
  readonly name: string
}
