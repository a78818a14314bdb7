import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { systemClock } from '#lib/clock'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_TYPE } from '#lib/contract/tokens'
import { newId } from '#lib/ids'
import { createLogger } from '#lib/logger'
import { createDevIssuer, devAudience, devIssuerName } from '../deploy/local/keys.ts'
import { createAuthentication } from '../services/edge/src/adapters/http/authentication.ts'
import { parseJson } from '../services/edge/src/adapters/http/json-body.ts'
import type { Request } from '../services/edge/src/adapters/http/request.ts'
import { createKeySource } from '../services/edge/src/adapters/key-source.ts'
import { loadRequestSchemas } from '../services/edge/src/adapters/request-schemas.ts'
import { createTokenVerifier } from '../services/edge/src/adapters/token-verifier.ts'
import { createLimits } from '../services/edge/src/app/limits.ts'
import { environment } from './lib/environment.ts'

/** What an edge pays for knowing who answers and whether the answer is one, per answer; in this process, without a network. */

const HELP = `node bench/edge-admission.ts
Prints the microseconds of CPU that each check of an answer takes: the median of 21 rounds, and the fastest.`

const ROUNDS = 21
const PLAYERS = 200
const policy = { burst: 1e9, perSecond: 1e9 }

/** Median and least microseconds of one call. */
const measure = async (name: string, times: number, run: (index: number) => unknown): Promise<void> => {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage()
    const from = performance.now()
    for (let index = 0; index < times; index++) {
      const result = run(round * times + index)
      if (result instanceof Promise) await result
    }
    const wall = (performance.now() - from) * 1_000
    const { user, system } = process.cpuUsage(began)
    rounds.push(Math.min(wall, user + system) / times)
  }
  rounds.sort((a, b) => a - b)
  const text = (value = 0) => value.toFixed(2).padStart(8)
  console.log(`${name.padEnd(48)}${text(rounds[ROUNDS >> 1])}${text(rounds[0])}`)
}

if (process.argv.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}
const dir = await mkdtemp(join(tmpdir(), 'podium-bench-'))
try {
  const { files } = await createDevIssuer(dir)
  const logger = createLogger({ service: 'bench', instance: 'bench', level: 'silent' })
  const clock = systemClock
  const tokens = createTokenVerifier({
    userKeys: await createKeySource({ source: files.userJwks, clock, logger }),
    userIssuer: devIssuerName,
    userAudience: devAudience,
    playerKeys: await createKeySource({ source: files.playerJwks, clock, logger }),
    clock,
  })
  const policies = { answers: policy, commands: policy, imports: policy, joins: policy, address: policy }
  const limits = createLimits({ policies, clock })
  const authentication = createAuthentication({ tokens, limits })
  const schemas = await loadRequestSchemas()

  const jwk = JSON.parse(await readFile(files.playerSigningKey, 'utf8'))
  const key = await importJWK(jwk, 'EdDSA')
  const sign = (sub: string) =>
    new SignJWT({ sid: newId(), ord: 1, gen: 1, name: 'Ada' })
      .setProtectedHeader({ alg: 'EdDSA', typ: PLAYER_TOKEN_TYPE, kid: jwk.kid })
      .setIssuer(PLAYER_ISSUER)
      .setAudience(PLAYER_AUDIENCE)
      .setSubject(sub)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key)
  const players = Array.from({ length: PLAYERS }, newId)
  const requestOf = (token: string) =>
    ({
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      address: '127.0.0.1',
    }) as unknown as Request
  const requests = await Promise.all(players.map(async (player) => requestOf(await sign(player))))
  const strangers = await Promise.all(Array.from({ length: ROUNDS * 20 }, () => sign(newId())))
  const bodies = players.map(() => JSON.stringify({ answerId: randomUUID(), questionId: newId(), choice: 2 }))
  const at = <T>(items: readonly T[], index: number): T => items[index % items.length] as T

  console.log(`${environment()}\n\n${''.padEnd(48)}  median fastest  (microseconds)`)
  for (const request of requests) await authentication.admit(request, 'answer.submit')
  await measure('token seen before, and what it permits', 5_000, (n) =>
    authentication.admit(at(requests, n), 'answer.submit'),
  )
  await measure('token seen for the first time (Ed25519)', 20, (n) => tokens.verify(at(strangers, n)))
  await measure('rate of the player', 5_000, (n) => limits.answer(at(players, n), clock.monotonic()))
  await measure('body: JSON', 5_000, (n) => parseJson(at(requests, n), at(bodies, n)))
  await measure('body: JSON and schema', 5_000, (n) => schemas.answer(parseJson(at(requests, n), at(bodies, n))))
  await measure('all of it, for a token seen before', 5_000, (n) => {
    const request = at(requests, n)
    void authentication.admit(request, 'answer.submit')
    limits.answer(at(players, n), clock.monotonic())
    return schemas.answer(parseJson(request, at(bodies, n)))
  })
} finally {
  await rm(dir, { recursive: true, force: true })
}
