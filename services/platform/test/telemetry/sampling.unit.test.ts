import t from 'tap'
import { loadConfig } from '#platform/config'
import { telemetrySpec } from '#platform/telemetry/config'
import { createSampler, formatTraceparent, parseTraceparent } from '#platform/telemetry/tracing'

const TEXT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const parent = parseTraceparent(TEXT)
const unsampled = parseTraceparent(TEXT.replace(/1$/, '0'))

t.test('a traceparent is read and written, and nonsense is none', async (t) => {
  t.match(parent, { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 })
  t.equal(parent && formatTraceparent(parent), TEXT)
  t.ok(parseTraceparent(`${TEXT.replace(/^00/, '01')}-more`), 'of a later version')
  for (const text of [
    '',
    'x',
    TEXT.toUpperCase(),
    `ff${TEXT.slice(2)}`,
    TEXT.replace(/[0-9a-f]{32}/, '0'.repeat(32)),
  ]) {
    t.equal(parseTraceparent(text), undefined, text)
  }
  t.equal(parseTraceparent(`${TEXT}-${'x'.repeat(1_000)}`), undefined)
})

t.test('one trace in a hundred is recorded unless it says otherwise, and none without a collector', (t) => {
  t.match(loadConfig(telemetrySpec, {}), {
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: 0.01,
  })
  t.end()
})

t.test('a trace that begins here is recorded by the ratio', async (t) => {
  const sampler = createSampler('parentbased_traceidratio', 0.25, { random: () => 0.24 })
  t.equal(sampler(undefined), true)
  t.equal(createSampler('traceidratio', 0.25, { random: () => 0.25 })(undefined), false)
  t.equal(createSampler('always_off', 1, { random: () => 0 })(undefined), false)
  t.equal(createSampler('always_on', 0)(undefined), true)
})

t.test('who comes later keeps to the decision at the beginning', async (t) => {
  const sampler = createSampler('parentbased_always_off', 1)
  t.equal(sampler(parent), true)
  t.equal(sampler(unsampled), false)
  t.equal(createSampler('parentbased_always_on', 1)(unsampled), false)
})

t.test('clients cannot have everything recorded by asking for it', async (t) => {
  let now = 0
  const sampler = createSampler('parentbased_traceidratio', 0.01, { now: () => now, random: () => 0.5 })
  const recorded = Array.from({ length: 1_000 }, () => sampler(parent)).filter(Boolean)
  t.equal(recorded.length, 100)
  now = 1_000
  t.equal(sampler(parent), true, 'again in the next second')
})
