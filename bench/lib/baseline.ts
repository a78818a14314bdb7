import { median } from './statistics.ts'

/** Ratios to ceilings, by `scenario: name`, each with the medians of as many runs of the same code. */
export type RatioRuns = Readonly<Record<string, readonly number[]>>

export interface Baseline {
  readonly measuredOn: Readonly<Record<string, string>>
  readonly ratios: Readonly<Record<string, BaselineRatio>>
}

export interface BaselineRatio {
  /** Of the runs. */
  readonly median: number
  /** What the same code differs by from itself: the greatest of the runs by the smallest, less one. */
  readonly noise: number
}

export interface Comparison {
  readonly name: string
  readonly baseline: number | undefined
  readonly now: number
  /** What it may be at most. */
  readonly limit: number | undefined
  /** `worse`: beyond the noise. `new`: the baseline does not have it. */
  readonly outcome: 'as before' | 'better' | 'worse' | 'new'
}

/** Few runs show less noise than there is. */
const LEAST_NOISE = 0.05

/** At least two runs of the same code. */
export const baselineOf = (runs: RatioRuns, measuredOn: Baseline['measuredOn']): Baseline => ({
  measuredOn,
  ratios: Object.fromEntries(
    Object.entries(runs).map(([name, values]) => [
      name,
      {
        median: round(median(values)),
        noise: round(Math.max(LEAST_NOISE, Math.max(...values) / Math.min(...values) - 1)),
      },
    ]),
  ),
})

const round = (value: number): number => Number(value.toPrecision(4))

/** A ratio is a cost: higher is worse. */
export const compareWithBaseline = (baseline: Baseline, now: Readonly<Record<string, number>>): readonly Comparison[] =>
  Object.entries(now).map(([name, value]) => {
    const before = baseline.ratios[name]
    if (before === undefined) return { name, baseline: undefined, now: value, limit: undefined, outcome: 'new' }
    const limit = before.median * (1 + before.noise)
    const outcome = value > limit ? 'worse' : value < before.median / (1 + before.noise) ? 'better' : 'as before'
    return { name, baseline: before.median, now: value, limit, outcome }
  })
