import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createMetrics } from '#platform/telemetry/metrics'
import { prometheusPage } from '#platform/telemetry/prometheus'
import { noTracing, type PastWork } from '#platform/telemetry/tracing'
import type { Request } from '../../http/request.ts'
import type { Route } from '../../http/router.ts'
import { createRequestWatches } from '../../http/server.ts'

const setUp = () => {
  const recorded: PastWork[] = []
  const metrics = createMetrics(undefined)
  const tracing = { ...noTracing, isOn: true, record: (past: PastWork) => void recorded.push(past) }
  const watchOf = createRequestWatches({ metrics, tracing }, 100)
  const requestOf = (msAgo: number): Request =>
    ({
      headers: { traceparent: '' },
      startedAt: performance.now() - msAgo,
      span: undefined,
      traceId: () => 'a'.repeat(32),
    }) as unknown as Request
  return { recorded, watchOf, requestOf, page: () => prometheusPage(metrics.families()).body }
}

const route = { method: 'POST', path: '/v1/sessions/:sessionId/answers' } as Route

t.test('requests are timed by route and status, those for nothing that there is together', async (t) => {
  const { watchOf, requestOf, page } = setUp()
  watchOf(route).end(requestOf(1), '202 Accepted')
  watchOf(route).end(requestOf(1), '202 Accepted')
  watchOf(route).end(requestOf(1), '499')
  watchOf(undefined).end(requestOf(1), '404 Not Found', new PodiumError('not-found'))
  const count = (method: string, path: string, status: number, times: number) =>
    t.match(
      page(),
      `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${path}",http_response_status_code="${status}"} ${times}\n`,
    )
  count('POST', route.path, 202, 2)
  count('POST', route.path, 499, 1)
  count('_OTHER', '', 404, 1)
})

t.test('failures and slow requests that were not sampled are recorded, refusals are not', async (t) => {
  const { watchOf, requestOf, recorded } = setUp()
  watchOf(route).end(requestOf(1), '202 Accepted')
  watchOf(route).end(requestOf(1), '409 Conflict', new PodiumError('question-closed'))
  t.same(recorded, [])
  const error = new PodiumError('unavailable')
  watchOf(route).end(requestOf(1), '503 Service Unavailable', error)
  watchOf(route).end(requestOf(150), '202 Accepted')
  t.match(recorded, [
    { traceId: 'a'.repeat(32), error, options: { attributes: { 'http.response.status_code': 503 } } },
    { error: undefined, options: { attributes: { 'http.response.status_code': 202 } } },
  ])
})
