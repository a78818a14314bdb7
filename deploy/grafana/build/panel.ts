/** The few parts of Grafana's dashboard model that ours are made of. */

/** A panel without a place; `layOut` gives it one. */
export interface Panel {
  readonly type: string
  readonly title: string
  readonly [member: string]: unknown
}

/** A PromQL expression and what its lines are called, with labels as `{{label}}`. */
export type Query = readonly [expr: string, legend: string]

export interface Options {
  /** A unit of Grafana: s, reqps, bytes, percentunit, short (default) … */
  readonly unit?: string
  /** Shown behind the (i) of the panel: what it means, and what a bad value means. */
  readonly about?: string
  /** Values from which on the panel turns orange and red; from high to low where less is worse. */
  readonly bounds?: readonly [orange: number, red: number]
  /** Lines on top of each other, where their sum says something. */
  readonly stacked?: boolean
  /** Points that lead to a trace; of histograms. */
  readonly exemplars?: boolean
}

export const DATASOURCES = {
  prometheus: { type: 'prometheus', uid: 'prometheus' },
  tempo: { type: 'tempo', uid: 'tempo' },
  loki: { type: 'loki', uid: 'loki' },
} as const

const refId = (index: number): string => String.fromCharCode(65 + index)

const promTargets = (queries: readonly Query[], exemplar = false) =>
  queries.map(([expr, legendFormat], index) => ({
    refId: refId(index),
    datasource: DATASOURCES.prometheus,
    expr,
    legendFormat,
    ...(exemplar && { exemplar }),
  }))

const thresholds = (bounds: Options['bounds']) => {
  if (bounds === undefined) return { mode: 'absolute', steps: [step('green', null)] }
  const [orange, red] = bounds
  const steps =
    orange < red
      ? [step('green', null), step('orange', orange), step('red', red)]
      : [step('red', null), step('orange', red), step('green', orange)]
  return { mode: 'absolute', steps }
}
const step = (color: string, value: number | null) => ({ color, value })

const described = ({ about }: Options) => (about === undefined ? {} : { description: about })

export const graph = (title: string, queries: readonly Query[], options: Options = {}): Panel => ({
  type: 'timeseries',
  title,
  ...described(options),
  datasource: DATASOURCES.prometheus,
  fieldConfig: {
    defaults: {
      unit: options.unit ?? 'short',
      min: 0,
      custom: {
        fillOpacity: options.stacked === true ? 25 : 5,
        showPoints: 'never',
        ...(options.stacked === true && { stacking: { mode: 'normal' } }),
        ...(options.bounds !== undefined && { thresholdsStyle: { mode: 'dashed' } }),
      },
      ...(options.bounds !== undefined && { thresholds: thresholds(options.bounds) }),
    },
    overrides: [],
  },
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: promTargets(queries, options.exemplars),
})

/** One number now, coloured by its bounds. */
export const stat = (title: string, expr: string, options: Options = {}): Panel => ({
  type: 'stat',
  title,
  ...described(options),
  datasource: DATASOURCES.prometheus,
  fieldConfig: {
    defaults: { unit: options.unit ?? 'short', thresholds: thresholds(options.bounds) },
    overrides: [],
  },
  options: { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area', colorMode: 'value' },
  targets: promTargets([[expr, '']]),
})

/** Labels and value of every series of an expression, now. */
export const table = (title: string, expr: string, options: Options = {}): Panel => ({
  type: 'table',
  title,
  ...described(options),
  datasource: DATASOURCES.prometheus,
  targets: promTargets([[expr, '']]).map((target) => ({ ...target, instant: true, format: 'table' })),
  transformations: [
    {
      id: 'organize',
      options: { excludeByName: { Time: true, Value: true, __name__: true, exported_instance: true } },
    },
  ],
})

/** The alerts of ours that fire or are about to. */
export const alerts = (title: string): Panel => ({
  type: 'alertlist',
  title,
  options: {
    alertInstanceLabelFilter: '{alertname=~"Podium.*"}',
    datasource: 'prometheus',
    stateFilter: { firing: true, pending: true },
    groupMode: 'default',
  },
})

/** Traces that a TraceQL query finds, as a table with links. */
export const traces = (title: string, query: string, options: Options = {}): Panel => ({
  type: 'table',
  title,
  ...described(options),
  datasource: DATASOURCES.tempo,
  targets: [{ refId: 'A', datasource: DATASOURCES.tempo, queryType: 'traceql', query, limit: 50, tableType: 'traces' }],
})

/** A metric computed from traces by TraceQL. Of what was sampled: good for times, not for amounts. */
export const traceGraph = (title: string, query: string, options: Options = {}): Panel => ({
  ...graph(title, [], options),
  datasource: DATASOURCES.tempo,
  targets: [{ refId: 'A', datasource: DATASOURCES.tempo, queryType: 'traceql', query, metricsQueryType: 'range' }],
})

/** A metric computed from log lines by LogQL. */
export const logGraph = (title: string, expr: string, legendFormat: string, options: Options = {}): Panel => ({
  ...graph(title, [], options),
  datasource: DATASOURCES.loki,
  targets: [{ refId: 'A', datasource: DATASOURCES.loki, queryType: 'range', expr, legendFormat }],
})

/** Log lines that a LogQL query finds, the newest first. */
export const logs = (title: string, expr: string): Panel => ({
  type: 'logs',
  title,
  datasource: DATASOURCES.loki,
  options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending' },
  targets: [{ refId: 'A', datasource: DATASOURCES.loki, queryType: 'range', expr }],
})
