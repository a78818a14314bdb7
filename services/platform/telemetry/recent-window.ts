import { DEFAULT_BOUNDS, type MetricSpec } from '../contract/metric-spec.ts'
import type { Metrics } from './metrics.ts'

/** What a metric has done lately, over all sets of its attributes that `matches` takes. */
export interface RecentWindow {
  /** Per second: of a counter, or of a histogram's observations. */
  rate(spec: MetricSpec, matches?: (values: readonly string[]) => boolean): number
  /** Of a histogram; undefined without observations. Within a bucket they are taken to be spread evenly. */
  quantile(spec: MetricSpec, share: number): number | undefined
  close(): void
}

export interface RecentWindowOptions {
  readonly metrics: Metrics
  /** Those that will be asked for. */
  readonly specs: readonly MetricSpec[]
  /** Default 10. */
  readonly seconds?: number
}

/** By metric and attribute values: a number, or one per bucket. */
type Sample = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

export const createRecentWindow = ({ metrics, specs, seconds = 10 }: RecentWindowOptions): RecentWindow => {
  const names = new Set(specs.map(({ name }) => name))

  const take = (): { readonly at: number; readonly sample: Sample } => {
    const sample = new Map<string, Map<string, number[]>>()
    for (const { spec, series } of metrics.families()) {
      if (!names.has(spec.name)) continue
      const states = Array.from(series, ([key, each]): [string, number[]] => {
        const state = each.read()
        return [key, state === undefined ? [] : typeof state === 'number' ? [state] : [...state.counts]]
      })
      sample.set(spec.name, new Map(states))
    }
    return { at: performance.now(), sample }
  }

  const history = [take()]
  const timer = setInterval(() => {
    history.push(take())
    if (history.length > seconds + 1) history.shift()
  }, 1_000)
  timer.unref()

  /** Growth of each bucket since the beginning of the window. */
  const growth = ({ name }: MetricSpec, matches: (values: readonly string[]) => boolean): number[] => {
    const now = take().sample.get(name)
    const then = history[0]?.sample.get(name)
    const total: number[] = []
    for (const [key, values] of now ?? []) {
      if (!matches(key.split('\0'))) continue
      const before = then?.get(key)
      for (const [index, value] of values.entries()) {
        total[index] = (total[index] ?? 0) + value - (before?.[index] ?? 0)
      }
    }
    return total
  }

  return {
    rate: (spec, matches = () => true) => {
      const elapsed = (performance.now() - (history[0]?.at ?? 0)) / 1_000
      return growth(spec, matches).reduce((sum, count) => sum + count, 0) / Math.max(elapsed, 1)
    },
    quantile: (spec, share) => {
      const counts = growth(spec, () => true)
      const bounds = spec.bounds ?? DEFAULT_BOUNDS
      let rest = counts.reduce((sum, count) => sum + count, 0) * share
      if (rest === 0) return undefined
      for (const [bucket, count] of counts.entries()) {
        const upper = bounds[bucket] ?? bounds.at(-1) ?? 0
        const lower = bounds[bucket - 1] ?? 0
        if (rest <= count) return lower + (upper - lower) * (rest / count)
        rest -= count
      }
      return bounds.at(-1)
    },
    close: () => clearInterval(timer),
  }
}
