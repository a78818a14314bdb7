import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { createConsumerWatch } from '#platform/telemetry/consumer-watch'
import { traceparentsIn } from '#platform/telemetry/messages'
import { createMetrics } from '#platform/telemetry/metrics'
import { createPublisherWatch } from '#platform/telemetry/publisher-watch'
import { createSampler } from '#platform/telemetry/sampling'
import { createTracing } from '#platform/telemetry/tracing'
import { createAnswerTally } from '../services/edge/answers/answer-tally.ts'
import type { Request } from '../services/edge/http/request.ts'
import { createRequestWatches } from '../services/edge/http/request-watch.ts'
import type { Route } from '../services/edge/http/router.ts'

/**
 * What telemetry costs for an answer that is not sampled: everything that the edge and the evaluator do for it, with tracing
 * switched on, in nanoseconds. Prints a table; takes some seconds.
 */

const ROUNDS = 7
const CALLS = 300_000

const metrics = createMetrics(undefined)
const sampler = createSampler('parentbased_traceidratio', 0.01, { random: () => 0.5 })
const tracing = createTracing(
  {
    start: () => {
      throw new Error('nothing is sampled here')
    },
  },
  sampler,
)
const telemetry = { metrics, tracing }

const route = { method: 'POST', path: '/v1/sessions/:sessionId/answers' } as Route
const watch = createRequestWatches({ telemetry })(route)
const tally = createAnswerTally(metrics)
const publishing = createPublisherWatch(telemetry, () => 0)
const consuming = createConsumerWatch(telemetry, { stream: 'ANSWERS', durable: 'evaluator' })

const subject = subjects.answer(newId(), 1, newId())
const payload = Buffer.alloc(150)
const reply = '$JS.ACK.ANSWERS.evaluator.1.1.1.1.1'
const size = subject.length + reply.length + payload.length
const message = { subject, reply, msg: { size: () => size } }

const steps: Readonly<Record<string, () => void>> = {
  'edge: request': () => {
    const request = {
      headers: { traceparent: '' },
      startedAt: performance.now(),
      span: undefined,
    } as unknown as Request
    request.span = watch.begin(request)
    watch.end(request, '202 Accepted')
  },
  'edge: accepted': () => tally.accepted('http', 1, 2, undefined),
  'edge: publish and PubAck': () => publishing.end(publishing.begin(subject, undefined), 'stored'),
  'evaluator: delivery and verdict': () => {
    const span = consuming.delivered(subject, 1, traceparentsIn(message, payload))
    consuming.settled({ kind: 'ack' }, span)
  },
}

const nanosOf = (step: () => void): number => {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = process.hrtime.bigint()
    for (let call = 0; call < CALLS; call += 1) step()
    return Number(process.hrtime.bigint() - began) / CALLS
  })
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}

let sum = 0
for (const [name, step] of Object.entries(steps)) {
  const nanos = nanosOf(step)
  sum += nanos
  console.log(`${name.padEnd(34)} ${nanos.toFixed(0).padStart(5)} ns`)
}
console.log(`${'together, per answer'.padEnd(34)} ${sum.toFixed(0).padStart(5)} ns`)
