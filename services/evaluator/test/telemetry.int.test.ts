import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { answersStream } from '#platform/contract/streams'
import { startReceiver } from '../../../deploy/local/otlp/receiver.ts'
import { type Span, spansOf } from '../../../deploy/local/otlp/spans.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { startService } from '../../platform/test/support/service.ts'
import { insertSession } from '../../platform/test/support/session-rows.ts'
import { answerOf, createWorld } from './support/world.ts'

/** What an error tracker has received. */
const startTracker = async (t: Test) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => {
      bodies.push(body)
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { bodies, dsn: `http://key@127.0.0.1:${(server.address() as AddressInfo).port}/7` }
}

t.test('a dead letter is found by one id: in the letter, the log, the trace and the error tracker', async (t) => {
  const spans: Span[] = []
  const receiver = await startReceiver({
    onExport: (signal, json) => signal === 'traces' && spans.push(...spansOf(json)),
  })
  t.teardown(() => receiver.close())
  const tracker = await startTracker(t)
  const { url } = await testDatabase(t)
  const world = await createWorld(t, url)
  const session = await insertSession(url, { players: 1 })
  const service = await startService(t, 'evaluator', {
    ...world,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      SENTRY_DSN: tracker.dsn,
    },
  })
  // It is not sampled.
  await world.publish(answerOf(session, 0, 99))
  const letter = await eventually(async () => (await world.bus.deadLetters(answersStream(0)))[0])
  t.match(letter, { reason: 'unknown-question', traceId: /^[0-9a-f]{32}$/ })
  const line = await eventually(() => service.lines.find((text) => text.includes('"dead letter"')))
  t.match(JSON.parse(line), { level: 50, trace_id: letter.traceId, reason: 'unknown-question' })
  const span = await eventually(() => spans.find(({ traceId }) => traceId === letter.traceId))
  t.match(span, { failed: true, name: /^process podium\.v1\.answers/ })
  const report = await eventually(() => tracker.bodies.find((body) => body.includes(letter.traceId)))
  t.match(report, /"formatted":"dead letter"/)
  t.notMatch(report, session.playerIds[0], 'no player in it')
})
