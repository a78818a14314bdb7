import { createHmac, randomUUID } from 'node:crypto'
import {
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import t, { type Test } from 'tap'
import {
  DISPLAY_AUDIENCE,
  DISPLAY_TOKEN_TYPE,
  PLAYER_AUDIENCE,
  PLAYER_ISSUER,
  PLAYER_TOKEN_TYPE,
} from '#platform/contract/tokens'
import { newId } from '#platform/ids'
import { createTokenVerifier } from '#platform/tokens/token-verifier'
import { memoryHeld } from '../support/memory.ts'

const ISSUER = 'https://id.example'
const AUDIENCE = 'podium'

const setup = async () => {
  const user = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const player = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const userJwk = { ...(await exportJWK(user.publicKey)), kid: 'user', alg: 'EdDSA' }
  const rsaJwk = { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256' }
  const playerJwk = { ...(await exportJWK(player.publicKey)), kid: 'player', alg: 'EdDSA' }
  let now = Date.now()
  let verifications = 0
  let userKey: string | undefined = 'user'
  let onChange: (change: { gone: boolean }) => void = () => undefined
  const userSet = createLocalJWKSet({ keys: [userJwk, rsaJwk] })
  const verifier = createTokenVerifier({
    userKeys: {
      find: (header, token) => {
        verifications += 1
        return userSet(header, token)
      },
      onChange: (listener) => {
        onChange = listener
      },
      identity: () => userKey,
    },
    userIssuer: ISSUER,
    userAudience: AUDIENCE,
    playerKeys: {
      find: createLocalJWKSet({ keys: [playerJwk] }),
      onChange: () => undefined,
      identity: () => 'player',
    },
    clock: { now: () => now, monotonic: () => now },
    maxTokens: 100_000,
    maxUnderWay: 1_000,
  })
  const seconds = Math.floor(now / 1_000)
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'u-1',
    name: 'Ada',
    roles: ['host'],
    iat: seconds,
    exp: seconds + 600,
    jti: randomUUID(),
  }
  const playerClaims = {
    iss: PLAYER_ISSUER,
    aud: PLAYER_AUDIENCE,
    sub: newId(),
    sid: newId(),
    ord: 3,
    gen: 1,
    name: 'Ada',
    iat: seconds,
    exp: seconds + 600,
    jti: randomUUID(),
  }
  const sign = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}, key = user.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: 'user', typ: 'JWT', ...header }).sign(key)
  const signPlayer = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}) =>
    sign(payload, { kid: 'player', typ: PLAYER_TOKEN_TYPE, ...header }, player.privateKey)
  return {
    verifier,
    claims,
    playerClaims,
    sign,
    signPlayer,
    rsa,
    user,
    pass: (ms: number) => {
      now += ms
    },
    verifications: () => verifications,
    keysChange: (gone: boolean) => onChange({ gone }),
    withdraw: () => {
      userKey = undefined
    },
  }
}

const refuses = (t: Test, verify: Promise<unknown>, what: string) => t.rejects(verify, { code: 'unauthorized' }, what)

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('user tokens', async (t) => {
  const { verifier, claims, sign, rsa } = await setup()
  const expected = { kind: 'user', userId: 'u-1', name: 'Ada', roles: ['host'], expiresAt: claims.exp }
  t.match(await verifier.verify(await sign(claims)), expected)
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt']) {
    t.match(await verifier.verify(await sign(claims, { typ })), { userId: 'u-1' }, typ)
  }
  const bare = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey)
  t.match(await verifier.verify(bare), { userId: 'u-1' }, 'RS256 without typ')
  const { name: _, roles: __, ...anonymous } = claims
  t.match(await verifier.verify(await sign(anonymous)), { name: '', roles: [] })
  t.match(await verifier.verify(await sign({ ...claims, roles: 'host' })), { roles: [] }, 'roles that are no list')
  t.match(await verifier.verify(await sign({ ...claims, aud: ['other', AUDIENCE] })), { userId: 'u-1' })
})

t.test('player tokens', async (t) => {
  const { verifier, playerClaims, signPlayer } = await setup()
  t.match(await verifier.verify(await signPlayer(playerClaims)), {
    kind: 'player',
    playerId: playerClaims.sub,
    sessionId: playerClaims.sid,
    joinOrder: 3,
    generation: 1,
    nickname: 'Ada',
    expiresAt: playerClaims.exp,
  })
  for (const change of [
    { sid: 'x.>' },
    { sub: '*' },
    { ord: -1 },
    { ord: '1' },
    { gen: 0.5 },
    { name: 7 },
    { aud: AUDIENCE },
    { iss: ISSUER },
  ]) {
    await refuses(t, verifier.verify(await signPlayer({ ...playerClaims, ...change })), JSON.stringify(change))
  }
})

t.test('tokens of displays, which are no tokens of players, nor the other way round', async (t) => {
  const { verifier, playerClaims, sign, signPlayer } = await setup()
  const { sub, sid, exp } = playerClaims
  const typ = DISPLAY_TOKEN_TYPE
  const claims = { ...playerClaims, aud: DISPLAY_AUDIENCE }
  t.match(await verifier.verify(await signPlayer(claims, { typ })), {
    kind: 'display',
    displayId: sub,
    sessionId: sid,
    expiresAt: exp,
  })
  for (const change of [{ sid: 'x.>' }, { sid: undefined }, { sub: '*' }, { aud: PLAYER_AUDIENCE }, { iss: ISSUER }]) {
    await refuses(t, verifier.verify(await signPlayer({ ...claims, ...change }, { typ })), JSON.stringify(change))
  }
  await refuses(t, verifier.verify(await signPlayer(claims)), 'as a player')
  await refuses(t, verifier.verify(await sign(claims, { typ })), 'signed by the issuer of users')
})

t.test('tokens that are refused', async (t) => {
  const { verifier, claims, playerClaims, sign, signPlayer, user, pass } = await setup()
  for (const change of [
    { iss: 'https://evil.example' },
    { aud: 'other' },
    { exp: claims.iat - 60 },
    { exp: `${claims.exp}` as never },
    { iat: `${claims.iat}` as never },
    { nbf: claims.iat + 300 },
    { sub: '' },
    { sub: 'x'.repeat(300) },
    { sub: 'u\0' },
    { sub: 'u\n1' },
  ]) {
    await refuses(t, verifier.verify(await sign({ ...claims, ...change })), JSON.stringify(change).slice(0, 50))
  }
  for (const name of ['sub', 'exp', 'iat', 'jti', 'iss', 'aud'] as const) {
    const { [name]: _, ...rest } = claims
    await refuses(t, verifier.verify(await sign(rest)), `without ${name}`)
  }
  for (const typ of ['player+jwt', 'dpop+jwt', 'x', '']) {
    await refuses(t, verifier.verify(await sign(claims, { typ })), `typ ${typ}`)
  }
  await refuses(
    t,
    verifier.verify(await signPlayer(playerClaims, { typ: 'JWT' })),
    'a player token posing as a user token',
  )
  await refuses(
    t,
    verifier.verify(await signPlayer(claims, { typ: 'JWT' })),
    'a user token made with the key for players',
  )
  await refuses(t, verifier.verify(await sign(playerClaims, { typ: PLAYER_TOKEN_TYPE })), 'the reverse')

  const payload = encode(claims)
  await refuses(t, verifier.verify(`${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`), 'alg none')
  const pem = await exportSPKI(user.publicKey)
  const header = encode({ alg: 'HS256', typ: 'JWT', kid: 'user' })
  const mac = createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url')
  await refuses(t, verifier.verify(`${header}.${payload}.${mac}`), 'HS256 with the public key')

  const own = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const jwk = await exportJWK(own.publicKey)
  await refuses(
    t,
    verifier.verify(await sign(claims, { jwk, kid: 'mine' } as never, own.privateKey)),
    'an embedded key',
  )
  await refuses(
    t,
    verifier.verify(await sign(claims, { jwk } as never, own.privateKey)),
    'an embedded key with a known kid',
  )
  await refuses(t, verifier.verify(await sign(claims, { jku: 'http://127.0.0.1:1/', kid: 'x' } as never)), 'jku')
  for (const kid of ['../../etc/passwd', "' OR 1=1", 'x'.repeat(300)]) {
    await refuses(t, verifier.verify(await sign(claims, { kid })), `kid ${kid.slice(0, 20)}`)
  }

  const good = await sign(claims)
  const [head, body, signature] = good.split('.')
  for (const bad of [
    '',
    'x',
    'a.b.c',
    '..',
    `${good}x`,
    `${head}.${body}.`,
    `${head}..${signature}`,
    `${head}.${encode({ ...claims, sub: 'u-2' })}.${signature}`,
    '.'.repeat(5_000),
  ]) {
    await refuses(t, verifier.verify(bad), `malformed ${bad.slice(0, 20)}`)
  }
  await refuses(t, verifier.verify(await sign({ ...claims, filler: 'x'.repeat(100_000) })), '100 kB')

  t.match(await verifier.verify(good), { userId: 'u-1' })
  pass(700_000)
  await refuses(t, verifier.verify(good), 'one that was good until it expired')
})

t.test('a token is verified once', async (t) => {
  const { verifier, claims, sign, verifications, pass } = await setup()
  const token = await sign(claims)
  t.equal(verifier.recall(token), undefined)
  for (let n = 0; n < 10; n++) await verifier.verify(token)
  t.equal(verifications(), 1)
  t.match(verifier.recall(token), { userId: 'u-1' })
  pass(700_000)
  t.equal(verifier.recall(token), undefined, 'not after it has expired')
})

t.test('a connection learns that the key of its token was withdrawn', async (t) => {
  const { verifier, claims, playerClaims, sign, signPlayer, withdraw } = await setup()
  const user = await verifier.verify(await sign(claims))
  const player = await verifier.verify(await signPlayer(playerClaims))
  t.equal(verifier.isWithdrawn(user), false)
  withdraw()
  t.equal(verifier.isWithdrawn(user), true)
  t.equal(verifier.isWithdrawn(player), false, 'another key signed it')
})

t.test('what a key signed is void when the key is gone, and stays good when one is added', async (t) => {
  const { verifier, claims, sign, verifications, keysChange } = await setup()
  const token = await sign(claims)
  await verifier.verify(token)
  keysChange(false)
  t.ok(verifier.recall(token))
  keysChange(true)
  t.equal(verifier.recall(token), undefined)
  await verifier.verify(token)
  t.equal(verifications(), 2)
})

t.test('a bad token that comes again is refused without looking at its signature', async (t) => {
  const { verifier, claims, sign, verifications, pass, keysChange } = await setup()
  const bad = await sign({ ...claims, aud: 'other' })
  for (let n = 0; n < 10; n++) await refuses(t, verifier.verify(bad), 'bad')
  t.equal(verifications(), 1)
  pass(31_000)
  await refuses(t, verifier.verify(bad), 'bad')
  t.equal(verifications(), 2, 'after a while it is looked at again')
  keysChange(false)
  await refuses(t, verifier.verify(bad), 'bad')
  t.equal(verifications(), 3, 'and when there are other keys')
  const early = await sign({ ...claims, nbf: claims.iat + 60 })
  await refuses(t, verifier.verify(early), 'too early')
  pass(30_000)
  t.match(await verifier.verify(early), { userId: 'u-1' }, 'a token whose time has come')
})

t.test('twenty thousand bad tokens drive out no good one, and are not kept', async (t) => {
  const { verifier, claims, sign, verifications } = await setup()
  const good = await sign(claims)
  await verifier.verify(good)
  const [head, body] = good.split('.')
  const heapBefore = memoryHeld().heapUsed
  const signature = 'A'.repeat(1_000)
  for (let n = 0; n < 20_000; n += 500) {
    const storm = Array.from({ length: 500 }, (_, i) => verifier.verify(`${head}.${body}.${signature}${n + i}`))
    for (const { status } of await Promise.allSettled(storm)) if (status === 'fulfilled') t.fail('let in')
  }
  t.ok(verifier.recall(good))
  const seen = verifications()
  await verifier.verify(good)
  t.equal(verifications(), seen)
  const grownMb = (memoryHeld().heapUsed - heapBefore) / 2 ** 20
  t.ok(grownMb < 15, `${grownMb.toFixed(1)} MB`)
})

t.test('more unknown tokens at once than can be verified are refused with a time to come back', async (t) => {
  const { verifier, claims, sign } = await setup()
  const good = await sign(claims)
  const storm = Array.from({ length: 1_500 }, (_, n) => verifier.verify(`${good}${n}`))
  const codes = (await Promise.allSettled(storm)).map((result) => result.status === 'rejected' && result.reason.code)
  t.equal(codes.filter((code) => code === 'unavailable').length, 500)
  t.match(await verifier.verify(good), { userId: 'u-1' })
})
