import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import t, { type Test } from 'tap'
import { METRICS, SESSION_ID } from '#platform/contract/names'
import { durables, streams } from '#platform/contract/streams'
import { newId } from '#platform/ids'
import { natsOptions } from '#platform/nats'
import { newTraceId } from '#platform/telemetry/tracing'
import type { Span } from '../../../deploy/local/otlp/spans.ts'
import { printTrace, treesOf } from '../../../deploy/local/otlp/tree.ts'
import { createGame, openNextQuestion, rightChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createHttp } from '../../platform/test/support/http.ts'
import { startCollector, type TestCollector } from './support/otlp.ts'
import { type Podium, startPodium } from './support/podium.ts'

/** A trace that a phone has begun, as it says so itself. */
const beginTrace = () => {
  const traceId = newTraceId()
  return { traceId, traceparent: `00-${traceId}-b7ad6b7169203331-01` }
}

/** Names of a trace's spans from its root to `visible`, and everything beside. */
const pathsOf = (spans: readonly Span[]): string[] => {
  const paths: string[] = []
  const walk = (nodes: ReturnType<typeof treesOf>, lead: readonly string[]): void => {
    for (const { span, children } of nodes) {
      paths.push([...lead, span.name].join(' > '))
      walk(children, [...lead, span.name])
    }
  }
  walk(treesOf(spans), [])
  return paths.toSorted()
}

const ANSWER = 'publish podium.v1.answers.{partition}'
const STAGES = [
  ANSWER,
  ANSWER.replace('publish', 'process'),
  'publish podium.v1.evaluation.{sessionId}',
  'process podium.v1.evaluation.{sessionId}',
  'publish podium.v1.score.{sessionId}',
  'process podium.v1.score.{sessionId}',
  'publish podium.v1.board.{sessionId}',
  'process podium.v1.board.{sessionId}',
  'visible',
] as const

/** Every hop of one answer, and the stores on its way. */
const expectedPaths = (root: string): string[] => {
  const stages = [root, ...STAGES]
  const upTo = (name: string) => stages.slice(0, stages.indexOf(name as (typeof STAGES)[number]) + 1).join(' > ')
  return [
    ...stages.map((_, index) => stages.slice(0, index + 1).join(' > ')),
    `${upTo('process podium.v1.evaluation.{sessionId}')} > postgresql record-answers`,
    `${upTo('process podium.v1.score.{sessionId}')} > redis apply-totals-3`,
  ].toSorted()
}

const seesWholeTree = async (t: Test, collector: TestCollector, traceId: string, root: string): Promise<void> => {
  await eventually(() => collector.spans(traceId).some(({ name }) => name === 'visible'), {
    timeoutMs: 15_000,
    what: 'the answer is visible',
  })
  const expected = expectedPaths(root)
  await eventually(() => collector.spans(traceId).length >= expected.length, { what: 'all spans are here' }).catch(
    () => undefined,
  )
  const spans = collector.spans(traceId)
  t.same([...new Set(pathsOf(spans))], expected, printTrace(traceId, collector.spans()))
  t.strictSame(
    spans.filter(
      ({ name, attributes }) => / podium\.v1\.(?!answers)/.test(name) && attributes[SESSION_ID] === undefined,
    ),
    [],
    'every message of one session is found by it',
  )
  const visible = spans.find(({ name }) => name === 'visible')
  const tick = collector.spans().find(({ spanId }) => spanId === visible?.links[0]?.spanId)
  t.match(tick, { name: 'fan-out tick', parentId: undefined }, 'the frame that shows it')
  t.ok(
    tick?.links.some(({ traceId: linked, spanId }) => linked === traceId && spanId === visible?.spanId),
    'and back',
  )
  const process = spans.find(({ name }) => name === STAGES[1])
  const batch = collector.spans().find(({ spanId }) => spanId === process?.links[0]?.spanId)
  t.match(batch, { name: 'process batch evaluator_0' }, 'its pull batch')
  t.ok(batch?.links.some(({ spanId }) => spanId === process?.spanId))
}

/** One edge, so that a player who answers gets its frames from the same process. */
const ONE_OF_EACH = { session: 1, evaluator: 1, scorer: 1, leaderboard: 1, edge: 1 } as const

const startObserved = async (
  t: Test,
  env: Record<string, string> = {},
): Promise<{ podium: Podium; collector: TestCollector }> => {
  const collector = await startCollector(t)
  return { collector, podium: await startPodium(t, { copies: ONE_OF_EACH, env: { ...collector.env, ...env } }) }
}

t.test('one answer is followed from the phone to the frame that shows it', async (t) => {
  const { podium, collector } = await startObserved(t)
  const settings = { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120, reveal: 'immediate' }
  const game = await createGame(podium, { players: ['Ada', 'Bob'], settings })
  const { questionId } = await openNextQuestion(game)
  const [ada, bob] = game.players
  const { sessionId } = game.session

  await t.test('over HTTP', async (t) => {
    const { traceId, traceparent } = beginTrace()
    const http = createHttp(podium.edgeUrl)
    const body = { answerId: newId(), questionId, choice: rightChoice(0) }
    const headers = { traceparent }
    const { status } = await http('POST', `/v1/sessions/${sessionId}/answers`, { token: ada?.token, headers, body })
    t.equal(status, 202)
    await seesWholeTree(t, collector, traceId, 'POST /v1/sessions/:sessionId/answers')
    const root = collector.spans(traceId).find(({ name }) => name.startsWith('POST'))
    t.match(root?.attributes, { 'podium.answer.id': body.answerId, 'http.response.status_code': '202' })
    t.equal(root?.parentId, 'b7ad6b7169203331', 'within the span of the phone')
  })

  await t.test('over a WebSocket', async (t) => {
    const { traceId, traceparent } = beginTrace()
    const url = `${podium.edgeUrl.replace('http', 'ws')}/v1/sessions/${sessionId}/ws`
    const socket = new WebSocket(url, ['podium.v1', `bearer.${bob?.token}`])
    t.teardown(() => socket.close())
    const accepted = new Promise((resolve, reject) => {
      socket.onerror = reject
      socket.onmessage = ({ data }) => {
        if (JSON.parse(String(data)).type === 'answer.accepted') resolve(data)
      }
    })
    socket.onopen = () => {
      const data = { answerId: newId(), questionId, choice: rightChoice(0) }
      socket.send(JSON.stringify({ type: 'answer', ref: 1, traceparent, data }))
    }
    await accepted
    await seesWholeTree(t, collector, traceId, 'answer /v1/sessions/:sessionId/ws')
  })

  await t.test('commands and timers are followed into the database and the feed', async (t) => {
    const { traceId, traceparent } = beginTrace()
    const http = createHttp(podium.edgeUrl)
    const token = await podium.token('Host', ['host'])
    t.match(await http('POST', `/v1/sessions/${sessionId}/close`, { token, headers: { traceparent } }), { status: 200 })
    const name = 'podium.v1.cmd.session-control'
    const lead = `POST /v1/sessions/:sessionId/close > ${name} > ${name}`
    await eventually(() => pathsOf(collector.spans(traceId)).includes(`${lead} > publish podium.v1.feed.{sessionId}`))
    t.ok(pathsOf(collector.spans(traceId)).includes(`${lead} > postgresql session-record-move`))
    const heard = `${lead} > publish podium.v1.feed.{sessionId} > process podium.v1.live.feed.{sessionId}`
    await eventually(() => pathsOf(collector.spans(traceId)).includes(heard), { what: 'the edge hears it' })
    await eventually(() => collector.spans().some((span) => span.name === 'timer' && span.parentId === undefined))
  })

  await t.test('a refusal that is our fault is found by the id that the client gets', async (t) => {
    await podium.stack.process('session').stop()
    const http = createHttp(podium.edgeUrl)
    const token = await podium.token('Host', ['host'])
    const { status, body } = await http('POST', `/v1/sessions/${sessionId}/next`, { token })
    t.equal(status, 503)
    const failed = await eventually(() => collector.spans(body.traceId).find(({ name }) => name.endsWith('/next')))
    t.match(failed, { failed: true, exception: 'unavailable' })
    await podium.stack.process('session').start()
  })

  await t.test('every metric that has a name is exported by every service that should', async (t) => {
    for (const service of ['edge', 'session', 'evaluator', 'scorer', 'leaderboard'] as const) {
      const due = Object.values(METRICS).filter(
        (spec) =>
          !('onDemand' in spec) && (!('services' in spec) || (spec.services as readonly string[]).includes(service)),
      )
      const missing = () => due.filter(({ name }) => !collector.metricsOf(service).has(name)).map(({ name }) => name)
      await eventually(() => missing().length === 0, { timeoutMs: 10_000 }).catch(() => undefined)
      t.same(missing(), [], service)
      const { body } = await createHttp(podium.stack.process(service).healthUrl ?? '')('GET', '/metrics')
      t.match(body, `podium_build_info{service="${service}"`, 'to a scraper as well')
    }
  })
})

t.test('a worker that dies leaves the second attempt in the same trace', async (t) => {
  const flags = await mkdtemp(join(tmpdir(), 'podium-failpoint-'))
  t.teardown(() => rm(flags, { recursive: true, force: true }))
  const flag = join(flags, 'scorer')
  const { podium, collector } = await startObserved(t, { PODIUM_FAILPOINTS: `scorer.after-commit@${flag}` })
  const nc = await connect(natsOptions(podium.stack.urls.nats, 'admin'))
  const { consumers } = await jetstreamManager(nc)
  await consumers.update(streams.evaluations, durables.scorer, { ack_wait: nanos(1_000) })
  await nc.close()
  const settings = { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120, reveal: 'immediate' }
  const game = await createGame(podium, { players: ['Ada'], settings })
  const { questionId } = await openNextQuestion(game)
  await writeFile(flag, '')
  const { traceId, traceparent } = beginTrace()
  await createHttp(podium.edgeUrl)('POST', `/v1/sessions/${game.session.sessionId}/answers`, {
    token: game.players[0]?.token,
    headers: { traceparent },
    body: { answerId: newId(), questionId, choice: rightChoice(0) },
  })
  await eventually(
    () =>
      collector
        .spans(traceId)
        .find(
          ({ name, attributes }) =>
            name.startsWith('process podium.v1.evaluation') &&
            Number(attributes['podium.attempt']) > 1 &&
            attributes['podium.verdict'] === 'ack',
        ),
    { timeoutMs: 30_000, what: 'the second attempt' },
  )
  await eventually(() => collector.spans(traceId).some(({ name }) => name === 'visible'), {
    timeoutMs: 10_000,
    what: 'the answer is visible after all',
  })
})
