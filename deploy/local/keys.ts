import { createHash, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'

/** `iss` of the development issuer's user tokens. */
export const devIssuerName = 'https://issuer.podium.localhost'
/** `aud` of user tokens. */
export const devAudience = 'podium'

const algorithm = 'EdDSA'
const defaultTtlSeconds = 12 * 60 * 60

export type DevClaims = {
  /** Who the token is about: the same `sub` is the same user. */
  readonly sub: string
  readonly name?: string | undefined
  /** Default none. `host` may create quizzes and sessions. */
  readonly roles?: readonly string[]
  /** Default 12 h. Negative makes a token that has expired. */
  readonly ttlSeconds?: number
}

/** The user id that belongs to a name: the same name is the same user. */
export const subjectOf = (name: string): string =>
  `dev-${createHash('sha256').update(name.normalize('NFKC')).digest('hex').slice(0, 16)}`

/** Stands in for the operator's identity provider on a developer's machine. Never for production: its key lies in a file. */
export type DevIssuer = {
  /** Paths of what the edge (JWKS) and `session` (signing key) are configured with. */
  readonly files: { readonly userJwks: string; readonly playerJwks: string; readonly playerSigningKey: string }
  /** A signed user token. */
  token(claims: DevClaims): Promise<string>
}

/**
 * The issuer whose Ed25519 keys live in this folder; makes the keys that are missing. Processes that do so at the same time
 * end up with the same keys.
 */
export const createDevIssuer = async (keysDir: string): Promise<DevIssuer> => {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 })
  const path = (name: string) => join(keysDir, name)
  const user = await ensureKey(path('user-signing-key.json'), path('user-jwks.json'))
  await ensureKey(path('player-signing-key.json'), path('player-jwks.json'))
  const key = await importJWK(user, algorithm)
  return {
    files: {
      userJwks: path('user-jwks.json'),
      playerJwks: path('player-jwks.json'),
      playerSigningKey: path('player-signing-key.json'),
    },
    token({ sub, name, roles = [], ttlSeconds = defaultTtlSeconds }) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ roles: [...roles], ...(name === undefined ? {} : { name }) })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: user.kid ?? '' })
        .setIssuer(devIssuerName)
        .setAudience(devAudience)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .sign(key)
    },
  }
}

/** The private key in this file and, beside it, the set with its public half; makes what is missing. */
export const ensureKey = async (privateFile: string, jwksFile: string): Promise<JWK> => {
  const jwk = readJwk(privateFile) ?? (await createKey(privateFile))
  const { d: _secret, ...publicJwk } = jwk
  // Replaced in one step, so that an edge that starts now never reads half of it.
  const unfinished = `${jwksFile}.${randomUUID()}`
  writeFileSync(unfinished, `${JSON.stringify({ keys: [publicJwk] }, null, 2)}\n`)
  renameSync(unfinished, jwksFile)
  return jwk
}

const createKey = async (file: string): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true })
  const jwk = await exportJWK(privateKey)
  const complete = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: algorithm, use: 'sig' }
  const unfinished = `${file}.${randomUUID()}`
  writeFileSync(unfinished, `${JSON.stringify(complete, null, 2)}\n`, { mode: 0o600 })
  try {
    linkSync(unfinished, file) // fails when another process was first; rename would replace its key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished)
  }
  return readJwk(file) ?? complete
}

const readJwk = (file: string): JWK | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${file} is not a readable key; remove it and a new one is made`, { cause })
  }
}
