import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { importJWK, SignJWT } from 'jose'
import { subjects } from '#platform/contract/subjects'
import { createLogger } from '#platform/logger'
import { createRates } from '#platform/rates'
import { createConsumerWatch } from '#platform/telemetry/consumer-watch'
import { traceparentsIn } from '#platform/telemetry/messages'
import { createMetrics } from '#platform/telemetry/metrics'
import { createPublisherWatch } from '#platform/telemetry/publisher-watch'
import { createSampler, createTracing } from '#platform/telemetry/tracing'
import { createKeySource } from '#platform/tokens/key-source'
import { createTokenVerifier, type Principal } from '#platform/tokens/token-verifier'
import { createDevIssuer, devAudience, devIssuerName } from '../../deploy/local/keys.ts'
import { createAnswerCounters } from '../../services/edge/answers/accept-answer.ts'
import { loadRequestSchemas } from '../../services/edge/api/request-schemas.ts'
import { createAuthentication, relationOf } from '../../services/edge/auth/authentication.ts'
import { parseText, type Request } from '../../services/edge/http/request.ts'
import type { Route } from '../../services/edge/http/router.ts'
import { createRequestWatches } from '../../services/edge/http/server.ts'
import { systemClock as clock } from '../../services/platform/clock.ts'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_TYPE } from '../../services/platform/contract/tokens.ts'
import { defineScenario, type Figure, judge } from '../lib/scenario.ts'
import { summarize } from '../lib/statistics.ts'

/** One thing that is done for a request; the average of many. */
interface Step {
  readonly name: string
  /** Of one turn. */
  readonly times: number
  readonly goalMicros?: number
  run(index: number): unknown
}

const ENOUGH = { burst: 1e9, perSecond: 1e9 }

const prepare = async (folder: string, players: number) => {
  const logger = createLogger({ service: 'bench', instance: 'bench', level: 'silent' })
  const { files } = await createDevIssuer(folder)
  const jwk = JSON.parse(await readFile(files.playerSigningKey, 'utf8'))
  const key = await importJWK(jwk, 'EdDSA')
  const sessionId = randomUUID()
  const newToken = () =>
    new SignJWT({ sid: sessionId, ord: 1, gen: 1, name: 'A nickname' })
      .setProtectedHeader({ alg: 'EdDSA', typ: PLAYER_TOKEN_TYPE, kid: jwk.kid })
      .setIssuer(PLAYER_ISSUER)
      .setAudience(PLAYER_AUDIENCE)
      .setSubject(randomUUID())
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key)
  const tokens = await Promise.all(Array.from({ length: players }, newToken))
  const verifier = createTokenVerifier({
    userKeys: await createKeySource({ source: files.userJwks, clock, logger }),
    userIssuer: devIssuerName,
    userAudience: devAudience,
    playerKeys: await createKeySource({ source: files.playerJwks, clock, logger }),
    clock,
    maxTokens: 100_000,
  })
  return { sessionId, tokens, newToken, verifier, schemas: await loadRequestSchemas() }
}

type World = Awaited<ReturnType<typeof prepare>>

const stepsOf = async ({ sessionId, tokens, newToken, verifier, schemas }: World): Promise<readonly Step[]> => {
  const at = (index: number) => tokens[index % tokens.length] ?? ''
  const requests = tokens.map(
    (token) => ({ headers: { authorization: `Bearer ${token}` }, address: () => '192.0.2.1' }) as unknown as Request,
  )
  const policies = { commands: ENOUGH, imports: ENOUGH, joins: ENOUGH, address: ENOUGH, invalidTokens: ENOUGH }
  const authentication = createAuthentication({ tokens: verifier, policies, clock })
  const rates = createRates({ name: 'answers', policy: ENOUGH })
  const admit = (index: number) => authentication.admit(requests[index % requests.length] as Request, 'answer.submit')
  const principals: Principal[] = []
  for (const token of tokens) principals.push(await verifier.verify(token))
  const session = {
    sessionId,
    hostUserId: 'host',
    isRemoved: () => false,
    isReplaced: () => false,
    hasLeft: () => false,
  }
  const body = JSON.stringify({ answerId: randomUUID(), questionId: randomUUID(), choice: 1 })
  const parsed = JSON.parse(body)
  const fresh = await Promise.all(Array.from({ length: 600 }, newToken))
  const bad = `${at(0).slice(0, -8)}AAAAAAAA`
  await verifier.verify(bad).catch(() => undefined)
  const rate = (index: number) => rates.take(`player-${index % tokens.length}`, performance.now())
  const relate = (index: number) => relationOf(principals[index % principals.length] ?? never('no principals'), session)
  const times = 200_000
  return [
    {
      name: 'an answer: token, permission, rate, JSON, schema',
      times,
      goalMicros: 10,
      run: (index) => {
        admit(index)
        rate(index)
        relate(index)
        schemas.answer(parseText(body))
      },
    },
    { name: 'token that was verified before', times, run: admit },
    { name: 'permission', times, run: relate },
    { name: 'rate limit', times, run: rate },
    { name: 'JSON', times, run: () => parseText(body) },
    { name: 'schema', times, run: () => schemas.answer(parsed) },
    {
      name: 'token seen for the first time',
      times: 100,
      run: (index) => verifier.verify(fresh[index % fresh.length] ?? ''),
    },
    { name: 'bad token that comes again', times: 20_000, run: () => verifier.verify(bad).catch(() => undefined) },
  ]
}

/** Everything that the edge and the evaluator do for an answer that is not sampled, with tracing switched on. */
const telemetrySteps = (): readonly Step[] => {
  const metrics = createMetrics(undefined)
  const sampler = createSampler('parentbased_traceidratio', 0.01, { random: () => 0.5 })
  const telemetry = { metrics, tracing: createTracing({ start: () => never('nothing is sampled here') }, sampler) }
  const watch = createRequestWatches(telemetry)({
    method: 'POST',
    path: '/v1/sessions/:sessionId/answers',
  } as Route)
  const tally = createAnswerCounters(metrics)
  const publishing = createPublisherWatch(telemetry, () => 0)
  const consuming = createConsumerWatch(telemetry, { stream: 'ANSWERS_0', durable: 'evaluator_0' })
  const subject = subjects.answers(0)
  const payload = Buffer.alloc(150)
  const reply = '$JS.ACK.ANSWERS_0.evaluator_0.1.1.1.1.1'
  const size = subject.length + reply.length + payload.length
  const message = { subject, reply, msg: { size: () => size } }
  const run = (): void => {
    const headers = { traceparent: '' }
    const request = { headers, startedAt: performance.now(), span: undefined } as unknown as Request
    request.span = watch.begin(request)
    watch.end(request, '202 Accepted')
    tally.accepted('http', 1, 2, undefined)
    publishing.end(publishing.begin(subject, undefined), 'stored')
    consuming.settled('ack', consuming.delivered(subject, 1, traceparentsIn(message, payload)), [])
  }
  return [{ name: 'telemetry of an answer that is not sampled, edge and evaluator', times: 200_000, run }]
}

const never = (why: string): never => {
  throw new Error(why)
}

/** CPU time of this process, all threads: signatures are checked beside the event loop. */
const measure = async ({ times, run }: Step, offset: number): Promise<number> => {
  const before = process.cpuUsage()
  for (let index = 0; index < times; index++) {
    const result = run(offset + index)
    if (result instanceof Promise) await result
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

export const scenario = defineScenario({
  name: 'access',
  summary: 'CPU per answer of authentication, permission, limits, validation and telemetry',
  seconds: 10,
  options: {
    players: { help: 'players whose tokens come by turns', default: '5000', quick: '500' },
    rounds: { help: 'measurements of each step', default: '5', quick: '3' },
  },
  run: async ({ folder, numbers: { players, rounds }, progress }) => {
    progress(`${players} tokens`)
    const steps = [...(await stepsOf(await prepare(folder, players))), ...telemetrySteps()]
    for (const step of steps) if (step.times > 1_000) await measure({ ...step, times: step.times / 4 }, 0) // compiled
    const micros = steps.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      for (const [index, step] of steps.entries()) micros[index]?.push(await measure(step, round * step.times))
    }
    const figures = steps.map(
      ({ name, goalMicros }, index): Figure => ({
        name,
        unit: 'µs',
        ...summarize(micros[index] ?? []),
        ...(goalMicros !== undefined && { goal: { direction: 'at most', value: goalMicros } }),
      }),
    )
    return {
      verdict: judge([{ sentence: 'every token was verified and every body was valid', holds: true }]),
      figures,
      notes: ['CPU time of the whole process, in a loop; a signature is checked in a thread beside the event loop.'],
    }
  },
})
