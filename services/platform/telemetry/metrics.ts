import { DEFAULT_BOUNDS, type Exporter, type MetricSpec } from '../contract/metric-spec.ts'
import { METRICS } from '../contract/names.ts'

export interface Counter {
  /** Default 1. Costs a few nanoseconds, as everything that is called per answer. */
  add(count?: number): void
}

export interface Histogram {
  /** `weight`: how many times it was observed, default 1. `traceId`: a recorded trace that shows it, the bucket's exemplar. */
  record(value: number, weight?: number, traceId?: string): void
}

/** An observation whose trace can be looked up. */
export interface Exemplar {
  readonly traceId: string
  readonly value: number
  readonly atMs: number
}

export interface HistogramState {
  /** One per bound, and one for what is above all of them. */
  readonly counts: Float64Array
  readonly sum: number
  readonly exemplars: readonly (Exemplar | undefined)[]
}

/** A metric with one set of attribute values. */
export interface Series {
  /** In the order of the metric's attributes. */
  readonly values: readonly string[]
  /** Undefined: there is nothing to say at the moment. */
  read(): number | HistogramState | undefined
}

export interface Family {
  readonly spec: MetricSpec
  readonly series: ReadonlyMap<string, Series>
}

/**
 * The metrics of one process: plain numbers that are read when they are collected. Attribute values are given in the order of
 * the metric's attributes; the same values are the same series, which callers keep where it is used often.
 */
export interface Metrics {
  counter(spec: MetricSpec, ...values: string[]): Counter
  histogram(spec: MetricSpec, ...values: string[]): Histogram
  /** Of a gauge, or of a counter that is kept elsewhere. `read` is called at each collection. */
  observe(spec: MetricSpec, read: () => number | undefined, ...values: string[]): void
  families(): Iterable<Family>
}

/** Sets of attribute values of one metric; what comes beyond is one series with this value everywhere. */
const MAX_SERIES = 1_000
const OVERFLOW = 'other'

/** With everything that `service` exports, at 0, apart from what has attributes: whose values only its owner knows. */
export const createMetrics = (service: Exporter | undefined): Metrics => {
  const families = new Map<string, { readonly spec: MetricSpec; readonly series: Map<string, Series> }>()

  const seriesOf = <S extends Series>(
    spec: MetricSpec,
    values: readonly string[],
    create: (v: readonly string[]) => S,
  ) => {
    const { name, attributes = [] } = spec
    if (values.length !== attributes.length) throw new Error(`${name} has the attributes ${attributes.join(', ')}`)
    const family = families.get(name) ?? { spec, series: new Map<string, Series>() }
    families.set(name, family)
    const isFull = family.series.size >= MAX_SERIES && !family.series.has(values.join('\0'))
    const taken = isFull ? attributes.map(() => OVERFLOW) : values
    const key = taken.join('\0')
    const known = family.series.get(key) ?? create(taken)
    family.series.set(key, known)
    return known as S
  }

  const metrics: Metrics = {
    counter: (spec, ...values) => seriesOf(spec, values, createCounter),
    histogram: (spec, ...values) => seriesOf(spec, values, (v) => createHistogram(v, spec.bounds ?? DEFAULT_BOUNDS)),
    observe: (spec, read, ...values) => {
      seriesOf(spec, values, (v) => ({ values: v, read }))
    },
    families: () => families.values(),
  }
  for (const spec of Object.values(METRICS) as MetricSpec[]) {
    if (service === undefined || spec.attributes !== undefined || spec.services?.includes(service) === false) continue
    if (spec.type === 'histogram') metrics.histogram(spec)
    else if (spec.type === 'counter') metrics.counter(spec)
  }
  return metrics
}

const createCounter = (values: readonly string[]): Series & Counter => {
  // Typed arrays hold the number itself; a variable of a closure would be a new object each time.
  const cell = new Float64Array(1)
  return {
    values,
    read: () => cell[0] ?? 0,
    add: (count = 1) => {
      cell[0] = (cell[0] ?? 0) + count
    },
  }
}

const createHistogram = (values: readonly string[], bounds: readonly number[]): Series & Histogram => {
  const counts = new Float64Array(bounds.length + 1)
  const sum = new Float64Array(1)
  const exemplars: (Exemplar | undefined)[] = Array.from(counts, () => undefined)
  return {
    values,
    read: () => ({ counts, sum: sum[0] ?? 0, exemplars }),
    record: (value, weight = 1, traceId) => {
      let bucket = 0
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
      counts[bucket] = (counts[bucket] ?? 0) + weight
      sum[0] = (sum[0] ?? 0) + value * weight
      if (traceId !== undefined) exemplars[bucket] = { traceId, value, atMs: Date.now() }
    },
  }
}
