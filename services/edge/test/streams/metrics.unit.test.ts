import t from 'tap'
import { METRICS } from '#platform/contract/names'
import { createMetrics } from '#platform/telemetry/metrics'
import { prometheusPage } from '#platform/telemetry/prometheus'
import { noTracing } from '#platform/telemetry/tracing'
import { createAnswerLatency } from '../../streams/metrics.ts'

const setUp = () => {
  const metrics = createMetrics(undefined)
  const state = { now: 10_000, isHidden: false, isWatched: true }
  const latency = createAnswerLatency({
    telemetry: { metrics, tracing: noTracing },
    clock: { now: () => state.now, monotonic: () => state.now },
    isHidden: () => state.isHidden,
    isWatched: () => state.isWatched,
  })
  const line = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(prometheusPage(metrics.families()).body)?.[1])
  return {
    state,
    latency,
    arrive: (firstReceivedAtMs: number, players = 1) =>
      latency.arrived({ firstReceivedAtMs, players, span: undefined }),
    count: () => line('podium_answer_visible_duration_seconds_count'),
    sum: () => line('podium_answer_visible_duration_seconds_sum'),
    metrics,
  }
}

t.test('an answer is visible when the frame has reached the last client, and is counted once', async (t) => {
  const { latency, arrive, count, sum, state, metrics } = setUp()
  arrive(9_900, 3)
  const shown = latency.showing()
  state.now = 10_020
  t.equal(count(), 0)
  shown()
  t.equal(count(), 3, 'for every changed player')
  t.equal(sum(), 0.36)
  latency.showing()()
  t.equal(count(), 3)
  t.equal(metrics.histogram(METRICS.tickDuration) !== undefined, true)
})

t.test('what is not watched, what shows nothing and what must not show is not timed', async (t) => {
  const { latency, arrive, count, state } = setUp()
  state.isWatched = false
  arrive(9_000)
  state.isWatched = true
  arrive(0) // a player joined
  latency.showing()()
  t.equal(count(), 0)
  arrive(9_000)
  latency.unchanged()
  latency.showing()()
  t.equal(count(), 0, 'a wrong answer makes no other frame')
  state.isHidden = true
  arrive(9_000)
  state.isHidden = false
  latency.showing()()
  t.equal(count(), 0, 'the time until a question closes is not ours')
})
