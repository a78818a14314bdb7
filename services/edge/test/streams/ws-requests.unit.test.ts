import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createMetrics } from '#platform/telemetry/metrics'
import { noTracing, type PastWork } from '#platform/telemetry/tracing'
import { createAnswerWatch } from '../../streams/ws-requests.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const UNSAMPLED = `00-${TRACE_ID}-b7ad6b7169203331-00`

const setUp = (slowMs = 60_000) => {
  const recorded: PastWork[] = []
  const refused: unknown[] = []
  const tracing = { ...noTracing, isOn: true, record: (past: PastWork) => void recorded.push(past) }
  const watch = createAnswerWatch({
    telemetry: { metrics: createMetrics(undefined), tracing },
    slowMs,
    counters: { refused: (_transport, error) => void refused.push(error) },
  })
  return { watch, recorded, refused }
}

t.test('an answer that failed through us is recorded under the id of the client, although it is not sampled', (t) => {
  const { watch, recorded, refused } = setUp()
  const error = new PodiumError('unavailable')
  const call = watch(UNSAMPLED)
  call.end(error)
  t.equal(call.traceId(), TRACE_ID)
  t.match(recorded, [{ traceId: TRACE_ID, traceparent: UNSAMPLED, error }])
  t.same(refused, [error])
  t.end()
})

t.test('refusals and what is quick are not recorded, what is slow is', (t) => {
  const quick = setUp()
  quick.watch('').end()
  quick.watch('').end(new PodiumError('question-closed'))
  t.same(quick.recorded, [])
  t.equal(quick.refused.length, 1, 'but counted')
  const slow = setUp(-1)
  const call = slow.watch('')
  call.end()
  t.match(slow.recorded, [{ traceId: call.traceId(), error: undefined }])
  t.end()
})

t.test('each answer has an id of its own', (t) => {
  const { watch } = setUp()
  const [one, other] = [watch('').traceId(), watch('').traceId()]
  t.match(one, /^[0-9a-f]{32}$/)
  t.not(one, other)
  t.end()
})
