import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock'
import {
  DISPLAY_AUDIENCE,
  DISPLAY_TOKEN_TYPE,
  PLAYER_AUDIENCE,
  PLAYER_ISSUER,
  PLAYER_TOKEN_ALGORITHM,
  PLAYER_TOKEN_TYPE,
  type PlayerClaims,
} from '#platform/contract/tokens'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { KeySource } from '#platform/tokens/key-source'

/** The caller, as its token says. */
export type Principal = UserPrincipal | PlayerPrincipal | DisplayPrincipal

export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: string
  readonly name: string
  readonly roles: readonly string[]
  /** Seconds since the epoch. */
  readonly expiresAt: number
  /** The key that signed the token: its id, and what identified it. */
  readonly signedBy?: SigningKey
}

export interface PlayerPrincipal {
  readonly kind: 'player'
  readonly playerId: string
  readonly sessionId: string
  readonly joinOrder: number
  readonly generation: number
  readonly nickname: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly signedBy?: SigningKey
}

interface SigningKey {
  readonly keyId: string | undefined
  readonly identity: string | undefined
}

/** A screen that shows one session to everyone in the room. */
export interface DisplayPrincipal {
  readonly kind: 'display'
  readonly displayId: string
  readonly sessionId: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly signedBy?: SigningKey
}

/** Longest token looked at. */
const MAX_TOKEN_LENGTH = 2_048
/** Invalid tokens that come again and again; kept apart, so that they cannot evict valid ones. */
const CACHED_REFUSALS = 4_096
/** A refusal is remembered for so long: a clock that is behind may catch up. */
const REFUSAL_MS = 30_000
/** One or two seconds' work: the clients of a lost edge that reconnect must find room. */
const MAX_UNDER_WAY = 10_000
/** Asymmetric only: with a shared-secret algorithm the public key itself could sign. */
const USER_ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
]
/** RFC 7519 and RFC 9068. Absent is as good. */
const USER_TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'])
const REQUIRED_CLAIMS = ['sub', 'exp', 'iat', 'jti']
/** Clocks of issuer and edge may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 5

export type TokenVerifier = ReturnType<typeof createTokenVerifier>

interface Verified {
  /** All of it: what is found by a part of it is compared as a whole. */
  readonly token: string
  readonly principal: Principal
  readonly expiresAtMs: number
}

type Unkept = Omit<Verified, 'token'>

/**
 * The end of the signature. Every request brings its token as a new text, and to hash five hundred characters costs as much as
 * the admission of an answer.
 */
const keyOf = (token: string): string => token.slice(-KEY_LENGTH)
const KEY_LENGTH = 40

/** A signature costs about 100 µs, so what was verified is remembered by the token's text until it expires. */
export const createTokenVerifier = (options: {
  readonly userKeys: KeySource
  readonly userIssuer: string
  readonly userAudience: string
  readonly playerKeys: KeySource
  readonly clock: Clock
  /** Verified tokens remembered, some 900 bytes each; the latest half of them for sure. */
  readonly maxTokens: number
  /** Signatures checked at once at which further unknown tokens get `unavailable`, good or bad. Default 10 000. */
  readonly maxUnderWay?: number
}) => {
  const { userKeys, userIssuer, userAudience, playerKeys, clock, maxTokens, maxUnderWay = MAX_UNDER_WAY } = options
  let known = new LRUCache<string, Verified>({ max: maxTokens })
  let refused = new LRUCache<string, number>({ max: CACHED_REFUSALS })
  let underWay = 0

  for (const keys of [userKeys, playerKeys]) {
    keys.onChange(({ gone }) => {
      refused = new LRUCache({ max: CACHED_REFUSALS })
      if (gone) known = new LRUCache({ max: maxTokens })
    })
  }

  const verifyUser = async (token: string): Promise<Unkept> => {
    const { payload, protectedHeader } = await jwtVerify(token, userKeys.find, {
      algorithms: USER_ALGORITHMS,
      issuer: userIssuer,
      audience: userAudience,
      requiredClaims: REQUIRED_CLAIMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    })
    const signedBy = signingKey(userKeys, protectedHeader.kid)
    return { principal: { ...userOf(payload), signedBy }, expiresAtMs: expiryOf(payload) * 1_000 }
  }

  const verifyPlayer = async (token: string): Promise<Unkept> => {
    const { payload, protectedHeader } = await jwtVerify<PlayerClaims>(token, playerKeys.find, {
      algorithms: [PLAYER_TOKEN_ALGORITHM],
      issuer: PLAYER_ISSUER,
      audience: PLAYER_AUDIENCE,
      typ: PLAYER_TOKEN_TYPE,
      requiredClaims: [...REQUIRED_CLAIMS, 'sid', 'ord', 'gen', 'name'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    })
    const signedBy = signingKey(playerKeys, protectedHeader.kid)
    return { principal: { ...playerOf(payload), signedBy }, expiresAtMs: expiryOf(payload) * 1_000 }
  }

  const verifyDisplay = async (token: string): Promise<Unkept> => {
    const { payload, protectedHeader } = await jwtVerify<{ readonly sid?: unknown }>(token, playerKeys.find, {
      algorithms: [PLAYER_TOKEN_ALGORITHM],
      issuer: PLAYER_ISSUER,
      audience: DISPLAY_AUDIENCE,
      typ: DISPLAY_TOKEN_TYPE,
      requiredClaims: [...REQUIRED_CLAIMS, 'sid'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    })
    const { sub: displayId, sid: sessionId } = payload
    if (!isId(displayId) || !isId(sessionId)) throw new PodiumError('unauthorized')
    const expiresAt = expiryOf(payload)
    const signedBy = signingKey(playerKeys, protectedHeader.kid)
    return { principal: { kind: 'display', displayId, sessionId, expiresAt, signedBy }, expiresAtMs: expiresAt * 1_000 }
  }

  const verify = async (token: string): Promise<Unkept> => {
    try {
      const type = decodeProtectedHeader(token).typ?.toLowerCase()
      if (type === PLAYER_TOKEN_TYPE) return await verifyPlayer(token)
      if (type === DISPLAY_TOKEN_TYPE) return await verifyDisplay(token)
      if (USER_TYPES.has(type)) return await verifyUser(token)
    } catch (cause) {
      // What jose throws about a token that cannot even be decoded is a TypeError.
      if (!(cause instanceof errors.JOSEError || cause instanceof TypeError || cause instanceof PodiumError))
        throw cause
      if (isFinal(cause)) refused.set(token, clock.now() + REFUSAL_MS)
      throw cause instanceof PodiumError ? cause : new PodiumError('unauthorized', { cause })
    }
    throw new PodiumError('unauthorized')
  }

  const recall = (token: string): Principal | undefined => {
    const key = keyOf(token)
    const cached = known.get(key)
    if (cached?.token !== token) return undefined
    if (cached.expiresAtMs > clock.now()) return cached.principal
    known.delete(key)
    return undefined
  }

  return {
    /** What a token that was verified before says; undefined for any other one. Costs a look-up. */
    recall,
    /** Whether the key that signed the token has been withdrawn since; for connections that outlive it. */
    isWithdrawn: ({ kind, signedBy }: Principal): boolean =>
      signedBy !== undefined &&
      (kind === 'user' ? userKeys : playerKeys).identity(signedBy.keyId) !== signedBy.identity,
    /** @throws PodiumError `unauthorized`, `unavailable` while there are no keys or too much to verify */
    verify: async (token: string): Promise<Principal> => {
      const principal = recall(token)
      if (principal !== undefined) return principal
      if (token.length > MAX_TOKEN_LENGTH) throw new PodiumError('unauthorized')
      if ((refused.get(token) ?? 0) > clock.now()) throw new PodiumError('unauthorized')
      if (underWay >= maxUnderWay) throw new PodiumError('unavailable')
      underWay += 1
      // If keys are removed in the meantime, what they signed ends up in a cache that is not read any more.
      const cache = known
      try {
        const verified = await verify(token)
        if (verified.expiresAtMs > clock.now()) cache.set(keyOf(token), { ...verified, token })
        return verified.principal
      } finally {
        underWay -= 1
      }
    },
  }
}

const signingKey = (keys: KeySource, keyId: string | undefined): SigningKey => ({
  keyId,
  identity: keys.identity(keyId),
})

/** Whether the same token will be refused again: not for want of a key, which may still come, nor for the time. */
const isFinal = (cause: unknown): boolean =>
  cause instanceof PodiumError
    ? cause.code === 'unauthorized'
    : !(cause instanceof errors.JWKSNoMatchingKey) &&
      !(cause instanceof errors.JWTClaimValidationFailed && (cause.claim === 'nbf' || cause.claim === 'iat'))

const MAX_USER_ID_LENGTH = 200
const MAX_NAME_LENGTH = 200
/** Not storable as text in Postgres, or not shown as it is in a log. */
const CONTROL = /\p{Cc}|\p{Cs}/u

const userOf = (payload: JWTPayload): UserPrincipal => {
  const { sub = '', name, roles } = payload
  if (sub === '' || sub.length > MAX_USER_ID_LENGTH || CONTROL.test(sub)) throw new PodiumError('unauthorized')
  return {
    kind: 'user',
    userId: sub,
    name: typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH) : '',
    roles: Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string').slice(0, 50) : [],
    expiresAt: expiryOf(payload),
  }
}

const playerOf = (payload: PlayerClaims & JWTPayload): PlayerPrincipal => {
  const { sub, sid, ord, gen, name } = payload
  const isSound = isId(sub) && isId(sid) && isCount(ord) && isCount(gen) && typeof name === 'string'
  if (!isSound) throw new PodiumError('unauthorized')
  return {
    kind: 'player',
    playerId: sub,
    sessionId: sid,
    joinOrder: ord,
    generation: gen,
    nickname: name,
    expiresAt: expiryOf(payload),
  }
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

const expiryOf = ({ exp }: JWTPayload): number => exp ?? 0
