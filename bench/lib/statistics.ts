import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { LatencyRow, Series } from './scenario.ts'

/** A clock that all processes of a machine share, milliseconds. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

export const sumOf = (values: Iterable<number>): number => {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** NaN for nothing. The mean of the two in the middle for an even number. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** Median of the rounds with the least and the greatest, as figures have it. */
export const summarize = (rounds: readonly number[]) => ({
  value: median(rounds),
  spread: { min: Math.min(...rounds), max: Math.max(...rounds) },
})

/** Histograms hold microseconds, with three digits, up to two minutes. */
const MICROS = 1_000
const HIGHEST = 120_000 * MICROS
/** Points of a curve: the last before 100 % is the first that one value in ten thousand is above. */
const CURVE = [0, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99]

/** Latencies in milliseconds, kept as an HDR histogram: merged between processes, never averaged. */
export interface Latencies {
  record(ms: number): void
  /** Adds what another process has encoded. */
  merge(encoded: string): void
  encode(): string
  readonly count: number
  percentile(percent: number): number
  row(name: string): LatencyRow
  /** Percentile against milliseconds, as far as there are enough values to speak of one. */
  curve(name: string): Series
}

export const createLatencies = (): Latencies => {
  const histogram: Histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST,
    numberOfSignificantValueDigits: 3,
  })
  const percentile = (percent: number): number =>
    histogram.totalCount === 0 ? Number.NaN : histogram.getValueAtPercentile(percent) / MICROS
  return {
    record: (ms) => histogram.recordValue(Math.min(HIGHEST, Math.max(0, Math.round(ms * MICROS)))),
    merge: (encoded) => histogram.add(decodeFromCompressedBase64(encoded)),
    encode: () => encodeIntoCompressedBase64(histogram),
    get count() {
      return histogram.totalCount
    },
    percentile,
    row: (name) => ({
      name,
      count: histogram.totalCount,
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      p999: percentile(99.9),
      max: histogram.totalCount === 0 ? Number.NaN : histogram.maxValue / MICROS,
    }),
    curve: (name) => ({
      name,
      points: CURVE.filter((percent) => histogram.totalCount * (1 - percent / 100) >= 1).map(
        (percent) => [percent, percentile(percent)] as const,
      ),
    }),
  }
}

export const latenciesOf = (values: Iterable<number>): Latencies => {
  const latencies = createLatencies()
  for (const ms of values) latencies.record(ms)
  return latencies
}

export const mergedLatencies = (parts: readonly Latencies[]): Latencies => {
  const all = createLatencies()
  for (const part of parts) all.merge(part.encode())
  return all
}
