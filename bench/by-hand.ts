import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { METRICS } from '#platform/contract/names'
import { createMetrics } from '#platform/telemetry/metrics'

/**
 * What is written by hand on the way of an answer although a library does it, beside that library: `node bench/by-hand.ts`
 * prints nanoseconds per call, the median of ten rounds. The codecs have a program of their own, bench/codecs.ts.
 */
const ROUNDS = 10
const CALLS = 200_000
const nanoseconds = (call: (index: number) => unknown): number => {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = performance.now()
    for (let index = 0; index < CALLS; index++) call(index)
    return ((performance.now() - began) * 1e6) / CALLS
  })
  return rounds.toSorted((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN
}

/** Without a reader the SDK records nothing. */
class ManualReader extends MetricReader {
  protected override onForceFlush = async () => undefined
  protected override onShutdown = async () => undefined
}

const metrics = createMetrics(undefined)
const meter = new MeterProvider({ readers: [new ManualReader()] }).getMeter('bench')
const ownCounter = metrics.counter(METRICS.spansDropped)
const sdkCounter = meter.createCounter('counter')
const ownHistogram = metrics.histogram(METRICS.answerAccepted, 'http')
const sdkHistogram = meter.createHistogram('histogram', { unit: 's' })
const attributes = { 'podium.transport': 'http' }

console.table({
  'count one': { 'by hand': nanoseconds(() => ownCounter.add()), library: nanoseconds(() => sdkCounter.add(1)) },
  'record a duration': {
    'by hand': nanoseconds((index) => ownHistogram.record(index / 1e6)),
    library: nanoseconds((index) => sdkHistogram.record(index / 1e6, attributes)),
  },
})
