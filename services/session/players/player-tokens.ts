import { readFile } from 'node:fs/promises'
import { importJWK, type JWK, SignJWT } from 'jose'
import {
  DISPLAY_AUDIENCE,
  DISPLAY_TOKEN_TTL_SECONDS,
  DISPLAY_TOKEN_TYPE,
  PLAYER_AUDIENCE,
  PLAYER_ISSUER,
  PLAYER_TOKEN_ALGORITHM,
  PLAYER_TOKEN_TTL_SECONDS,
  PLAYER_TOKEN_TYPE,
  type PlayerClaims,
} from '#platform/contract/tokens'
import { newId } from '#platform/ids'
import type { Player } from '../../game/session/admission.ts'

export interface PlayerTokens {
  issue(sessionId: string, player: Player): Promise<string>
  /** For a screen that shows the session. `expiresAt`: milliseconds since the epoch. */
  issueDisplay(sessionId: string): Promise<{ readonly token: string; readonly expiresAt: number }>
}

/** Signs player tokens with the private Ed25519 key (a JWK with `kid`) in `keyFile`. @throws when there is none */
export const createPlayerTokens = async (keyFile: string): Promise<PlayerTokens> => {
  const jwk = JSON.parse(await readFile(keyFile, 'utf8')) as JWK
  if (jwk.d === undefined || jwk.crv !== 'Ed25519') throw new Error(`${keyFile} holds no private Ed25519 key`)
  const key = await importJWK(jwk, PLAYER_TOKEN_ALGORITHM)
  const header = {
    alg: PLAYER_TOKEN_ALGORITHM,
    typ: PLAYER_TOKEN_TYPE,
    ...(jwk.kid !== undefined && { kid: jwk.kid }),
  }
  return {
    issue: (sessionId, { playerId, joinOrder, generation, nickname }) => {
      const claims: Omit<PlayerClaims, 'sub'> = { sid: sessionId, ord: joinOrder, gen: generation, name: nickname }
      const now = Math.floor(Date.now() / 1_000)
      return new SignJWT({ ...claims })
        .setProtectedHeader(header)
        .setIssuer(PLAYER_ISSUER)
        .setAudience(PLAYER_AUDIENCE)
        .setSubject(playerId)
        .setJti(newId())
        .setIssuedAt(now)
        .setExpirationTime(now + PLAYER_TOKEN_TTL_SECONDS)
        .sign(key)
    },
    issueDisplay: async (sessionId) => {
      const now = Math.floor(Date.now() / 1_000)
      const expiresAt = now + DISPLAY_TOKEN_TTL_SECONDS
      const token = await new SignJWT({ sid: sessionId })
        .setProtectedHeader({ ...header, typ: DISPLAY_TOKEN_TYPE })
        .setIssuer(PLAYER_ISSUER)
        .setAudience(DISPLAY_AUDIENCE)
        .setSubject(newId())
        .setJti(newId())
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .sign(key)
      return { token, expiresAt: expiresAt * 1_000 }
    },
  }
}
