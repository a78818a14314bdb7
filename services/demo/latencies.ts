import { build } from 'hdr-histogram-js'

/** Durations in milliseconds, kept in microseconds with three digits. */
export interface Latencies {
  record(ms: number): void
  readonly count: number
  percentile(percent: number): number
  readonly max: number
}

const MICROSECONDS = 1_000
const HIGHEST_US = 600_000_000

export const createLatencies = (): Latencies => {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  })
  return {
    record: (ms) => histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * MICROSECONDS)))),
    get count() {
      return histogram.totalCount
    },
    percentile: (percent) => histogram.getValueAtPercentile(percent) / MICROSECONDS,
    get max() {
      return histogram.maxValue / MICROSECONDS
    },
  }
}

/** 3.1 ms, p99 12.0 ms */
export const briefly = (latencies: Latencies): string =>
  latencies.count === 0
    ? '–'
    : `${latencies.percentile(50).toFixed(1)} ms, p99 ${latencies.percentile(99).toFixed(1)} ms`
