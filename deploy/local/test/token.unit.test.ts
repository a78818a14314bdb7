import { readFileSync, statSync } from 'node:fs'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import t from 'tap'
import { createDevIssuer, devAudience, devIssuerName } from '../keys.ts'
import { parseTokenArguments } from '../token.ts'

const keySet = (file: string) => createLocalJWKSet(JSON.parse(readFileSync(file, 'utf8')) as JSONWebKeySet)

t.test('a token verifies against the published key set and names user, audience and expiry', async (t) => {
  const issuer = await createDevIssuer(t.testdir({}))
  const token = await issuer.token({ sub: 'u1', name: 'Ada', roles: ['host'], ttlSeconds: 60 })
  const { payload, protectedHeader } = await jwtVerify(token, keySet(issuer.files.userJwks), {
    algorithms: ['EdDSA'],
    issuer: devIssuerName,
    audience: devAudience,
    typ: 'JWT',
    requiredClaims: ['sub', 'exp', 'iat', 'jti'],
  })
  t.match(payload, { sub: 'u1', name: 'Ada', roles: ['host'] })
  t.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60)
  t.equal(protectedHeader.alg, 'EdDSA')
  t.ok(protectedHeader.kid)
})

t.test('a user token does not verify with the key of player tokens', async (t) => {
  const issuer = await createDevIssuer(t.testdir({}))
  const token = await issuer.token({ sub: 'u1' })
  await t.rejects(jwtVerify(token, keySet(issuer.files.playerJwks)), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
})

t.test('no two tokens have the same jti', async (t) => {
  const issuer = await createDevIssuer(t.testdir({}))
  t.not(await issuer.token({ sub: 'u1' }), await issuer.token({ sub: 'u1' }))
})

t.test('keys made once stay, also when several processes make them at the same time', async (t) => {
  const folder = t.testdir({})
  const issuers = await Promise.all([1, 2, 3, 4].map(() => createDevIssuer(folder)))
  const tokens = await Promise.all(
    [...issuers, await createDevIssuer(folder)].map((issuer) => issuer.token({ sub: 'u1' })),
  )
  t.equal(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size, 1)
})

t.test('private keys are readable by their owner only and are not published', async (t) => {
  const { files } = await createDevIssuer(t.testdir({}))
  t.equal(statSync(files.playerSigningKey).mode & 0o077, 0)
  for (const file of [files.userJwks, files.playerJwks]) t.notMatch(readFileSync(file, 'utf8'), /"d"/)
})

t.test('a broken key file is named, not replaced', async (t) => {
  const folder = t.testdir({ 'user-signing-key.json': 'x' })
  await t.rejects(createDevIssuer(folder), /user-signing-key\.json is not a readable key/)
})

t.test('the command line', async (t) => {
  t.test('gives the same name the same user, and another name another one', async (t) => {
    const subject = (name: string) => {
      const request = parseTokenArguments(['--name', name])
      return typeof request === 'object' && 'sub' in request ? request.sub : t.fail(`no token for ${name}`)
    }
    t.equal(subject('Ada'), subject(' Ada '))
    t.not(subject('Ada'), subject('Bob'))
  })

  t.test('takes several roles, a user id and a time to live', async (t) => {
    const args = ['--name', 'Ada', '--role', 'host', '--role', 'editor', '--sub', 'u1', '--ttl', '15m']
    t.same(parseTokenArguments(args), { name: 'Ada', roles: ['host', 'editor'], sub: 'u1', ttlSeconds: 900 })
    t.match(parseTokenArguments(['--name', 'Ada']), { roles: [], ttlSeconds: 12 * 3600 })
  })

  t.test('says what is wrong', async (t) => {
    t.match(parseTokenArguments([]), { problem: /--name .* missing/ })
    t.match(parseTokenArguments(['--name', ' ']), { problem: /--name .* missing/ })
    t.match(parseTokenArguments(['--nam', 'Ada']), { problem: /--nam/ })
    t.match(parseTokenArguments(['--name', 'Ada', '--ttl', 'soon']), { problem: /--ttl soon/ })
    t.match(parseTokenArguments(['--name', 'Ada', '--ttl', '0']), { problem: /--ttl 0/ })
    t.match(parseTokenArguments(['--name', 'Ada', '--role', '']), { problem: /--role is empty/ })
    t.equal(parseTokenArguments(['--help']), 'help')
  })
})
