import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_TYPE } from '#platform/contract/tokens'
import { devAudience, devIssuerName } from '../../../deploy/local/keys.ts'
import type { Target } from '../target.ts'

/** Tokens that are nearly right. */

export const NOW = () => Math.floor(Date.now() / 1_000)

export const readKey = async (target: Target, name: 'user' | 'player'): Promise<JWK> =>
  JSON.parse(await readFile(join(target.stack.keysDir, `${name}-signing-key.json`), 'utf8')) as JWK

export const userClaims = (): JWTPayload => ({
  iss: devIssuerName,
  aud: devAudience,
  sub: 'user-forger',
  roles: ['host'],
  jti: randomUUID(),
  iat: NOW(),
  exp: NOW() + 600,
})

export const playerClaims = (sessionId: string): JWTPayload => ({
  iss: PLAYER_ISSUER,
  aud: PLAYER_AUDIENCE,
  sub: randomUUID(),
  sid: sessionId,
  ord: 1,
  gen: 1,
  name: 'Forger',
  jti: randomUUID(),
  iat: NOW(),
  exp: NOW() + 600,
})

/** Signs with the real key of users or players; header and claims may be anything. */
export const sign = async (
  target: Target,
  by: 'user' | 'player',
  claims: JWTPayload,
  header: object = {},
): Promise<string> => {
  const jwk = await readKey(target, by)
  const typ = by === 'user' ? 'JWT' : PLAYER_TOKEN_TYPE
  const protectedHeader = { alg: 'EdDSA', typ, kid: jwk.kid, ...header } as JWTHeaderParameters
  return new SignJWT(claims).setProtectedHeader(protectedHeader).sign(await importJWK(jwk, 'EdDSA'))
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
