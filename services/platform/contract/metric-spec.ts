/** Which processes export a metric. */
export type Exporter = 'edge' | 'session' | 'evaluator' | 'scorer' | 'leaderboard' | 'worker' | 'verify'

export interface MetricSpec {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** UCUM: s, By, 1, {annotation}. */
  readonly unit: string
  readonly description: string
  /** Keys of its attributes. Default none. */
  readonly attributes?: readonly string[]
  /** Upper bounds of the buckets of a histogram. Default SECONDS. */
  readonly bounds?: readonly number[]
  /** Default: every service. */
  readonly services?: readonly Exporter[]
  /** Not exported before it happened for the first time; all others are there, with 0, from the start. */
  readonly onDemand?: true
}

/** Half a millisecond to ten seconds: an answer takes milliseconds, a store that is unavailable seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
/** Ten microseconds to a second: what should be over before it is noticed. */
export const SHORT_SECONDS = [
  0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
] as const
export const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] as const

export const DEFAULT_BOUNDS: readonly number[] = SECONDS

/** `worker` is the three others in one process. */
export const WORKERS = ['evaluator', 'scorer', 'leaderboard', 'worker'] as const
/** Processes with a durable consumer and a pool of Postgres connections. */
export const STATEFUL = ['session', ...WORKERS] as const
