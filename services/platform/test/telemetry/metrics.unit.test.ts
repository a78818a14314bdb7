import { resourceFromAttributes } from '@opentelemetry/resources'
import t from 'tap'
import { METRICS, prometheusName, SESSION_ID, sessionAttribute, subjectTemplate } from '#platform/contract/names'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { createMetrics } from '#platform/telemetry/metrics'
import { createMetricProducer } from '#platform/telemetry/otlp'
import { prometheusPage } from '#platform/telemetry/prometheus'

const OPEN = 'application/openmetrics-text; version=1.0.0'

t.test('names are unique, in Prometheus too, and have a description', async (t) => {
  const specs = Object.values(METRICS)
  t.equal(new Set(specs.map(({ name }) => name)).size, specs.length)
  t.equal(new Set(specs.map(prometheusName)).size, specs.length)
  for (const { name, description } of specs) {
    t.match(name, /^[a-z0-9]+([._][a-z0-9]+)*$/)
    t.notMatch(description, /\.$/, name)
  }
  t.equal(prometheusName(METRICS.answerAccepted), 'podium_answer_accepted_duration_seconds')
  t.equal(prometheusName(METRICS.cpuTime), 'process_cpu_time_seconds_total')
  t.equal(prometheusName(METRICS.answers), 'podium_answers_total')
})

t.test('no subject shows an id', async (t) => {
  const id = newId()
  t.equal(subjectTemplate(subjects.answers(3)), 'podium.v1.answers.{partition}')
  t.equal(subjectTemplate(subjects.score(id)), 'podium.v1.score.{sessionId}')
  t.equal(subjectTemplate(subjects.scores), 'podium.v1.score.{sessionId}')
  t.equal(subjectTemplate(`_INBOX.${id}`), 'other')
})

t.test('a span names the session of its message, if it is only one', async (t) => {
  const id = newId()
  t.same(sessionAttribute(subjects.score(id)), { [SESSION_ID]: id })
  for (const subject of [subjects.scores, subjects.evaluations, subjects.dead('SCORES')]) {
    t.same(sessionAttribute(subject), {})
  }
})

t.test('a process exports what it has to say from the start', async (t) => {
  const names = Array.from(createMetrics('edge').families(), ({ spec }) => spec.name)
  t.ok(names.includes(METRICS.answerVisible.name))
  t.ok(names.includes(METRICS.busReconnects.name))
  t.notOk(names.includes(METRICS.ledgerRows.name), 'nothing of others')
})

t.test('the same values are the same series, and there is an end to their number', async (t) => {
  const metrics = createMetrics(undefined)
  metrics.counter(METRICS.answers, 'http', 'accepted').add()
  metrics.counter(METRICS.answers, 'http', 'accepted').add(2)
  t.throws(() => metrics.counter(METRICS.answers, 'http'))
  t.match(
    prometheusPage(metrics.families()).body,
    'podium_answers_total{podium_transport="http",podium_outcome="accepted"} 3\n',
  )
  for (let index = 0; index < 2_000; index += 1) metrics.counter(METRICS.answers, 'http', `code-${index}`).add()
  const [family] = metrics.families()
  t.ok((family?.series.size ?? 0) <= 1_001)
  t.match(prometheusPage(metrics.families()).body, /podium_outcome="other"} 1001\n/)
})

t.test('a histogram counts observations by bucket, and its exemplars name traces', async (t) => {
  const metrics = createMetrics(undefined)
  const histogram = metrics.histogram(METRICS.answerVisible)
  histogram.record(0.0005)
  histogram.record(0.02, 3)
  histogram.record(60, 1, 'abc')
  const { body } = prometheusPage(metrics.families(), OPEN)
  t.match(body, '# TYPE podium_answer_visible_duration_seconds histogram\n')
  t.match(body, 'podium_answer_visible_duration_seconds_bucket{le="0.0005"} 1\n')
  t.match(body, 'podium_answer_visible_duration_seconds_bucket{le="0.01"} 1\n')
  t.match(body, 'podium_answer_visible_duration_seconds_bucket{le="0.025"} 4\n')
  t.match(body, 'podium_answer_visible_duration_seconds_bucket{le="1.0"} 4\n')
  t.match(body, /_bucket\{le="\+Inf"\} 5 # \{trace_id="abc"\} 60 \d+/)
  t.match(body, 'podium_answer_visible_duration_seconds_count 5\n')
  t.ok(body.endsWith('# EOF\n'))
  t.notMatch(prometheusPage(metrics.families()).body, /trace_id|EOF/, 'not in the older format')
})

t.test('a gauge is read at each collection, and left out without a value', async (t) => {
  const metrics = createMetrics(undefined)
  let lag: number | undefined
  metrics.observe(METRICS.consumerLag, () => lag, 'scorer')
  t.notMatch(prometheusPage(metrics.families()).body, 'podium_consumer_lag{')
  lag = 7
  t.match(prometheusPage(metrics.families()).body, 'podium_consumer_lag{messaging_consumer_group_name="scorer"} 7\n')
})

t.test('the same numbers go to a collector', async (t) => {
  const metrics = createMetrics(undefined)
  metrics.counter(METRICS.answers, 'ws', 'accepted').add(2)
  metrics.histogram(METRICS.answerVisible).record(0.3)
  metrics.observe(METRICS.publishPending, () => 4)
  const { resourceMetrics } = await createMetricProducer(metrics, resourceFromAttributes({})).collect()
  t.match(resourceMetrics.scopeMetrics[0]?.metrics, [
    {
      descriptor: { name: 'podium.answers', unit: '{answer}' },
      isMonotonic: true,
      dataPoints: [{ attributes: { 'podium.transport': 'ws', 'podium.outcome': 'accepted' }, value: 2 }],
    },
    { dataPoints: [{ value: { count: 1, sum: 0.3, buckets: { counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] } } }] },
    { descriptor: { name: 'podium.publisher.pending' }, dataPoints: [{ value: 4 }] },
  ])
})
