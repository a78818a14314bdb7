import { SpanStatusCode } from '@opentelemetry/api'
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createSpanFactory } from '#platform/telemetry/span-factory'
import { createSampler, createTracing, MAX_TRACES, traceparentsOf } from '#platform/telemetry/tracing'

const setUp = (ratio = 1) => {
  const exporter = new InMemorySpanExporter()
  let chosen: string | undefined
  let next = 0
  const idOf = (length: number): string => {
    next += 1
    return next.toString(16).padStart(length, '0')
  }
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    idGenerator: {
      generateSpanId: () => idOf(16),
      generateTraceId: () => {
        const id = chosen ?? idOf(32)
        chosen = undefined
        return id
      },
    },
  })
  const factory = createSpanFactory(provider.getTracer('test'), (id) => {
    chosen = id
  })
  const tracing = createTracing(factory, createSampler('parentbased_traceidratio', ratio))
  return { tracing, spans: () => exporter.getFinishedSpans() }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const sampled = `00-${TRACE}-b7ad6b7169203331-01`
const unsampled = `00-${TRACE}-b7ad6b7169203331-00`

t.test('work that is not sampled has no span, and neither has what follows from it', async (t) => {
  const { tracing, spans } = setUp(0)
  t.equal(tracing.begin('', 'x'), undefined)
  t.equal(tracing.begin(unsampled, 'x'), undefined)
  t.equal(tracing.resume(['nonsense', unsampled], 'x'), undefined)
  t.equal(tracing.join([undefined, undefined]), undefined)
  t.same(spans(), [])
})

t.test('times are those of the monotonic clock', async (t) => {
  const { tracing, spans } = setUp()
  const startedAt = performance.now() - 40
  tracing.begin('', 'x', { startedAt })?.end(startedAt + 25.5)
  const [span] = spans()
  t.equal(Math.round(((span?.duration[1] ?? 0) / 1e6) * 100) / 100, 25.5)
  const [seconds, nanos] = span?.startTime ?? [0, 0]
  t.ok(Math.abs(seconds * 1_000 + nanos / 1e6 - (Date.now() - 40)) < 50)
})

t.test('a message of several traces is worked on in each of them', async (t) => {
  const { tracing, spans } = setUp()
  const a = tracing.begin(sampled, 'a')
  const b = tracing.begin('', 'b')
  const joined = tracing.join([a, undefined, b])
  const statement = joined?.child('sql', { role: 'client' })
  statement?.fail(new PodiumError('unavailable'))
  statement?.end()
  joined?.end()
  t.equal(spans().length, 2, 'joining and ending what is joined ends no member')
  for (const [index, span] of [a, b].entries()) {
    t.match(spans()[index], {
      name: 'sql',
      parentSpanContext: { spanId: span?.contexts[0]?.spanId },
      status: { code: SpanStatusCode.ERROR },
    })
    t.match(spans()[index]?.events[0]?.attributes, { 'exception.type': 'unavailable' })
  }
  t.equal(statement && traceparentsOf(statement).length, 2)
  const next = tracing.resume(statement ? traceparentsOf(statement) : [], 'process')
  t.same(
    next?.contexts.map(({ traceId }) => traceId),
    [TRACE, b?.traceId],
  )
})

t.test('a trace about others has links to them', async (t) => {
  const { tracing, spans } = setUp()
  const member = tracing.begin('', 'member')
  const batch = member && tracing.about(member, 'batch')
  if (batch !== undefined) member?.link(batch)
  batch?.end()
  member?.end()
  t.match(spans(), [
    { name: 'batch', parentSpanContext: undefined, links: [{ context: member?.contexts[0] }] },
    { name: 'member', links: [{ context: batch?.contexts[0] }] },
  ])
  t.not(batch?.traceId, member?.traceId)
})

t.test('a message carries so many traces and no more', async (t) => {
  const { tracing } = setUp()
  const joined = tracing.join(Array.from({ length: 300 }, () => tracing.begin('', 'x')))
  t.equal(joined?.contexts.length, MAX_TRACES)
})

t.test('a failure is recorded afterwards under the id that the client got, and not without limit', async (t) => {
  const { tracing, spans } = setUp(0)
  const past = { name: 'POST', options: { startedAt: performance.now() - 10 }, error: new Error('x') }
  tracing.record({ ...past, traceparent: '', traceId: 'f'.repeat(32) })
  tracing.record({ ...past, traceparent: unsampled, traceId: TRACE })
  t.match(spans()[0], { name: 'POST', parentSpanContext: undefined, status: { code: SpanStatusCode.ERROR } })
  t.equal(spans()[0]?.spanContext().traceId, 'f'.repeat(32))
  t.equal(spans()[1]?.spanContext().traceId, TRACE, 'within the trace of the client')
  for (let index = 0; index < 500; index += 1) tracing.record({ ...past, traceparent: '', traceId: TRACE })
  t.equal(spans().length, 100)
})

t.test('the current span follows the work through its promises', async (t) => {
  const { tracing } = setUp()
  const span = tracing.begin('', 'x')
  const work = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return tracing.current()
  }
  t.equal(await tracing.run(span, work), span)
  t.equal(await tracing.run(undefined, work), undefined)
})
