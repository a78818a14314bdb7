import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { METRICS } from '#platform/contract/names'
import { createErrorReports, endpointOf } from '#platform/telemetry/error-reports'
import { createMetrics } from '#platform/telemetry/metrics'
import { prometheusPage } from '#platform/telemetry/prometheus'

const ABOUT = { service: 'edge', instance: 'edge-1', release: 'podium@1' }

const startTracker = async (t: Test, status = 200) => {
  const received: { url: string; auth: string; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => {
      received.push({ url: request.url ?? '', auth: String(request.headers['x-sentry-auth']), body })
      response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const metrics = createMetrics(undefined)
  const dropped = metrics.counter(METRICS.reportsDropped)
  const reports = createErrorReports(`http://key@127.0.0.1:${port}/sub/42`, ABOUT, dropped)
  const droppedNow = () =>
    Number(/^podium_error_reports_dropped_total (\d+)$/m.exec(prometheusPage(metrics.families()).body)?.[1])
  return { received, reports, droppedNow }
}

t.test('an error arrives with its causes and its trace', async (t) => {
  const { received, reports } = await startTracker(t)
  const error = new Error('outer', { cause: new TypeError('inner') })
  reports.report({ message: 'request failed', level: 'error', error, traceId: 'abc' })
  await reports.flush()
  const [report] = received
  t.equal(report?.url, '/sub/api/42/envelope/')
  t.match(report?.auth, /sentry_key=key/)
  const [, , event] = (report?.body ?? '').split('\n').map((line) => JSON.parse(line))
  t.match(event, {
    level: 'error',
    release: 'podium@1',
    message: { formatted: 'request failed' },
    exception: { values: [{ type: 'TypeError' }, { type: 'Error', value: /outer/ }] },
    contexts: { trace: { trace_id: 'abc' } },
  })
})

t.test('a flood is bounded, and what is lost is counted', async (t) => {
  const { received, reports, droppedNow } = await startTracker(t)
  for (let index = 0; index < 80; index += 1) {
    reports.report({ message: 'failed', level: 'error', error: undefined, traceId: undefined })
  }
  await reports.flush()
  t.equal(received.length, 51, 'one under way and fifty that wait')
  t.equal(droppedNow(), 29)
})

t.test('a tracker that refuses or is unavailable disturbs no request', async (t) => {
  const refusing = await startTracker(t, 429)
  refusing.reports.report({ message: 'failed', level: 'fatal', error: 'text', traceId: undefined })
  await refusing.reports.flush()
  t.equal(refusing.droppedNow(), 1)
  const unreachable = createErrorReports('http://key@127.0.0.1:1/1', ABOUT, { add: () => t.pass('counted') })
  unreachable.report({ message: 'failed', level: 'error', error: null, traceId: undefined })
  await unreachable.flush()
})

t.test('a DSN without key or project is a mistake in the configuration', async (t) => {
  for (const dsn of ['http://host/1', 'http://key@host/', 'nonsense']) t.throws(() => endpointOf(dsn), dsn)
})
