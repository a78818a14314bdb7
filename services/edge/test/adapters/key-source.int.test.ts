import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { createLogger } from '#lib/logger'
import { createKeySource } from '../../src/adapters/key-source.ts'

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
  const source = await createKeySource({ source: jwks.url, clock: { now: () => now, monotonic: () => now }, logger })
  await t.rejects(jwtVerify(first.token, source), { code: 'unavailable' }, 'while there has never been a set')
  jwks.publish([first.jwk])
  t.ok(await jwtVerify(first.token, source), 'as soon as there is one')
  jwks.publish([second.jwk])
  const before = jwks.requests()
  for (let n = 0; n < 10; n++) await t.rejects(jwtVerify(second.token, source), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  t.equal(jwks.requests(), before, 'invented key ids do not make us ask again at once')
  now += 31_000
  t.ok(await jwtVerify(second.token, source), 'a new key is found after a while')
  jwks.publish(undefined)
  now += 601_000
  t.ok(await jwtVerify(second.token, source), 'the last good set stays in use while the issuer is away')
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
  t.ok(await jwtVerify(key.token, await createKeySource({ source: join(dir, 'good.json'), clock, logger })))
})
