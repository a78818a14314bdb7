import t from 'tap'
import { METRICS } from '#platform/contract/names'
import { createMetrics } from '#platform/telemetry/metrics'
import { createRecentWindow } from '#platform/telemetry/recent-window'

t.test('rates and quantiles are those since the window began', async (t) => {
  const metrics = createMetrics(undefined)
  const answers = metrics.counter(METRICS.answers, 'http', 'accepted')
  const duration = metrics.histogram(METRICS.answerAccepted, 'http')
  answers.add(1_000)
  duration.record(5, 1_000)
  const recent = createRecentWindow({ metrics, specs: [METRICS.answers, METRICS.answerAccepted] })
  t.teardown(recent.close)
  t.equal(recent.rate(METRICS.answers), 0)
  t.equal(recent.quantile(METRICS.answerAccepted, 0.5), undefined)
  answers.add(20)
  metrics.counter(METRICS.answers, 'ws', 'rate-limited').add(4)
  t.equal(recent.rate(METRICS.answers), 24, 'of the first second, however little of it is over')
  t.equal(
    recent.rate(METRICS.answers, ([transport]) => transport === 'ws'),
    4,
  )
  duration.record(0.002, 50)
  duration.record(0.04, 50)
  t.equal(recent.quantile(METRICS.answerAccepted, 0.5), 0.0025, 'the end of its bucket')
  t.equal(recent.quantile(METRICS.answerAccepted, 0.75)?.toFixed(4), '0.0375', 'halfway through the other')
})
