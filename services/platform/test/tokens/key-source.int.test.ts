import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { createLogger } from '#platform/logger'
import { createKeySource } from '#platform/tokens/key-source'
import { eventually } from '../support/eventually.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const newKey = async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const kid = randomUUID()
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' }, token }
}

const startJwks = async (t: { teardown(step: () => unknown): void }) => {
  let keys: unknown[] | undefined
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    response.writeHead(keys === undefined ? 503 : 200).end(JSON.stringify({ keys }))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    requests: () => requests,
    publish: (next: unknown[] | undefined) => {
      keys = next
    },
  }
}

t.test('keys from a URL', async (t) => {
  const jwks = await startJwks(t)
  const [first, second] = [await newKey(), await newKey()]
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const { find: source } = await createKeySource({ source: jwks.url, clock, logger })
  for (let n = 0; n < 10; n++) {
    await t.rejects(jwtVerify(first.token, source), { code: 'unavailable' }, 'while there has never been a set')
  }
  t.equal(jwks.requests(), 1, 'not asked for with every token')
  jwks.publish([first.jwk])
  now += 1_100
  t.ok(await jwtVerify(first.token, source), 'as soon as there is one')
  jwks.publish([second.jwk])
  const before = jwks.requests()
  for (let n = 0; n < 10; n++) await t.rejects(jwtVerify(second.token, source), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  t.equal(jwks.requests(), before, 'invented key ids do not make us ask again at once')
  now += 31_000
  t.ok(await jwtVerify(second.token, source), 'a new key is found after a while')
  jwks.publish(undefined)
  now += 601_000
  t.ok(await jwtVerify(second.token, source), 'the last good set stays in use while the issuer is unavailable')
  jwks.publish([])
  now += 31_000
  t.ok(await jwtVerify(second.token, source), 'and while it has no keys')
})

t.test('a thousand invented key ids at once are one question to the issuer', async (t) => {
  const jwks = await startJwks(t)
  const [known, unknown] = [await newKey(), await newKey()]
  jwks.publish([known.jwk])
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const { find } = await createKeySource({ source: jwks.url, clock, logger })
  const storm = () => Promise.allSettled(Array.from({ length: 1_000 }, () => jwtVerify(unknown.token, find)))
  await storm()
  t.equal(jwks.requests(), 1, 'the first set is still warm')
  now += 31_000
  await Promise.all([storm(), storm()])
  t.equal(jwks.requests(), 2)
  await storm()
  t.equal(jwks.requests(), 2)
  t.ok(await jwtVerify(known.token, find))
})

t.test('a rotation is noticed, and told when keys have gone', async (t) => {
  const jwks = await startJwks(t)
  const [first, second] = [await newKey(), await newKey()]
  jwks.publish([first.jwk])
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const keys = await createKeySource({ source: jwks.url, clock, logger })
  const changes: { gone: boolean }[] = []
  keys.onChange((change) => void changes.push(change))
  const refreshed = async (set: unknown[]): Promise<void> => {
    jwks.publish(set)
    const before = jwks.requests()
    now += 601_000
    await jwtVerify(second.token, keys.find).catch(() => undefined)
    await eventually(() => jwks.requests() > before)
  }
  await refreshed([first.jwk, second.jwk])
  await eventually(() => changes.length === 1)
  await refreshed([second.jwk])
  await eventually(() => changes.length === 2)
  await refreshed([second.jwk])
  t.ok(await jwtVerify(second.token, keys.find))
  await refreshed([{ ...first.jwk, kid: second.jwk.kid }])
  await eventually(() => changes.length === 3)
  t.same(changes, [{ gone: false }, { gone: true }, { gone: true }])
  await t.rejects(jwtVerify(first.token, keys.find), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
})

t.test('an answer of the issuer that is too large is not read to its end', async (t) => {
  let sent = 0
  const server = createServer((_, response) => {
    const more = (): void => {
      while (sent < 50_000_000 && response.write('x'.repeat(65_536))) sent += 65_536
    }
    response.on('drain', more)
    more()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  t.teardown(() => server.closeAllConnections())
  const clock = { now: () => 0, monotonic: () => 0 }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { find } = await createKeySource({ source: url, clock, logger })
  await t.rejects(jwtVerify((await newKey()).token, find), { code: 'unavailable' })
  t.ok(sent < 20_000_000, `${sent} bytes`)
})

t.test('keys from a file', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-keys-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const clock = { now: () => 0, monotonic: () => 0 }
  await t.rejects(createKeySource({ source: join(dir, 'none.json'), clock, logger }), /not a readable JSON Web Key Set/)
  await writeFile(join(dir, 'bad.json'), '{"keys": 1}')
  await t.rejects(createKeySource({ source: join(dir, 'bad.json'), clock, logger }), /not a readable/)
  const key = await newKey()
  await writeFile(join(dir, 'good.json'), JSON.stringify({ keys: [key.jwk] }))
  const { find } = await createKeySource({ source: join(dir, 'good.json'), clock, logger })
  t.ok(await jwtVerify(key.token, find))
})
