import type { Stack, StackOptions } from '../../deploy/local/stack.ts'
import type { Child, ChildOptions } from './processes.ts'

/** What a scenario of the bench is, and what it gives back. All of it is plain data but `run` and the context. */

export interface Goal {
  readonly direction: 'at most' | 'at least'
  readonly value: number
}

/** One figure of the table at the end. */
export interface Figure {
  /** Unique in its scenario, stable between commits, for instance `ws edge / raw`. */
  readonly name: string
  /** `µs`, `ms`, `1/s`, `KiB`, `×` … */
  readonly unit: string
  /** The median where there were several rounds. */
  readonly value: number
  /** Of the rounds. */
  readonly spread?: { readonly min: number; readonly max: number }
  readonly goal?: Goal
}

/** One row of a table of latencies, milliseconds. */
export interface LatencyRow {
  readonly name: string
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Axis {
  readonly label: string
  readonly unit: string
  /** `percentile`: 0, 90, 99, 99.9 … at equal distances, for x in percent. Default `linear`. */
  readonly scale?: 'linear' | 'log' | 'percentile'
}

export type Chart =
  | {
      readonly kind: 'lines'
      readonly title: string
      readonly x: Axis
      readonly y: Axis
      readonly series: readonly Series[]
    }
  | {
      /** One bar per group, made of the parts in the given order; for instance CPU per process. */
      readonly kind: 'bars'
      readonly title: string
      readonly value: Axis
      readonly groups: readonly {
        readonly name: string
        readonly parts: readonly { readonly name: string; readonly value: number }[]
      }[]
    }

/** Something measured next to the raw program that does only that step, in turns in one run. */
export interface CeilingRatio {
  readonly name: string
  /** Median of ours / ceiling, costs; 1 is the ceiling. */
  readonly ratio: number
  readonly rounds: readonly number[]
  readonly goal?: Goal
}

/**
 * A run that is not correct, or whose generator was late, has no performance number: everything else in the result is
 * shown as void, with these reasons.
 */
export type Verdict =
  | { readonly kind: 'valid' /** What was checked, as sentences. */; readonly checks: readonly string[] }
  | { readonly kind: 'void'; readonly reasons: readonly string[] }

export interface ScenarioResult {
  readonly verdict: Verdict
  readonly figures: readonly Figure[]
  readonly latencies?: readonly LatencyRow[]
  readonly ceilings?: readonly CeilingRatio[]
  readonly charts?: readonly Chart[]
  /** Bytes by name, for instance `answer, HTTP body`. */
  readonly payloads?: Readonly<Record<string, number>>
  /** Sentences that a reader needs to understand the figures. */
  readonly notes?: readonly string[]
}

export interface ScenarioOption {
  readonly help: string
  readonly default: string
  /** With `--quick`. */
  readonly quick?: string
}

export interface ScenarioContext<Name extends string = string> {
  /** The scenario's options, as given or by default. */
  readonly options: Readonly<Record<Name, string>>
  /** The same as numbers; NaN for those that are none. */
  readonly numbers: Readonly<Record<Name, number>>
  /** Of this scenario's own files; exists. */
  readonly folder: string
  /** Aborted when the bench is interrupted. */
  readonly signal: AbortSignal
  /** Prints one line. */
  progress(text: string): void
  /** Runs when the scenario is over, in reverse order, whatever happened. */
  defer(end: () => unknown): void
  /** A whole Podium of its own, which logs warnings only; stopped when the scenario is over. */
  stack(options?: Omit<StackOptions, 'dir'>): Promise<Stack>
  /** Starts a program by its path in `bench/`; stopped when the scenario is over. `isGenerator`: see `prioritize`. */
  start(file: string, options?: ChildOptions & { readonly isGenerator?: boolean }): Child
}

export interface Scenario<Name extends string = string> {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** How long it takes on the reference machine; it is stopped after four times as long. */
  readonly seconds: number
  /** Left out when everything is run; default false. */
  readonly onlyByName?: boolean
  readonly options: Readonly<Record<Name, ScenarioOption>>
  run(context: ScenarioContext<Name>): Promise<ScenarioResult>
}

/** Keeps the names of the options in the type. */
export const defineScenario = <Name extends string>(scenario: Scenario<Name>): Scenario<Name> => scenario

/** A generator whose sends are later than this at p99 voids its run, milliseconds. */
export const GENERATOR_LAG_LIMIT_MS = 1

export interface Check {
  readonly sentence: string
  readonly holds: boolean
}

/** Valid when every check holds. */
export const judge = (checks: readonly Check[]): Verdict => {
  const failed = checks.filter(({ holds }) => !holds).map(({ sentence }) => `not true: ${sentence}`)
  if (failed.length > 0) return { kind: 'void', reasons: failed }
  return { kind: 'valid', checks: checks.map(({ sentence }) => sentence) }
}

export const generatorCheck = (lagP99Ms: number): Check => ({
  sentence: `the generator sent on time: lag p99 ${lagP99Ms.toFixed(2)} ms, limit ${GENERATOR_LAG_LIMIT_MS} ms`,
  holds: lagP99Ms <= GENERATOR_LAG_LIMIT_MS,
})

/** undefined without a goal. */
export const isMet = (value: number, goal: Goal | undefined): boolean | undefined =>
  goal === undefined ? undefined : goal.direction === 'at most' ? value <= goal.value : value >= goal.value

export const latencyChart = (title: string, series: readonly Series[], scale: 'linear' | 'log' = 'log'): Chart => ({
  kind: 'lines',
  title,
  x: { label: 'Percentile', unit: '%', scale: 'percentile' },
  y: { label: 'Latency', unit: 'ms', scale },
  series,
})

type Bars = Extract<Chart, { kind: 'bars' }>

export const cpuChart = (title: string, per: string, groups: Bars['groups']): Chart => ({
  kind: 'bars',
  title,
  value: { label: `CPU per ${per}`, unit: 'µs' },
  groups,
})
