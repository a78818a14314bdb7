import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DEFAULT_BOUNDS, type MetricSpec } from '#platform/contract/metric-spec'
import { METRICS, prometheusLabel, prometheusName } from '#platform/contract/names'
import { HTTP_ERRORS } from '../../../services/edge/http/problem.ts'
import { dashboardFiles, dashboardsDir } from '../../grafana/build/write.ts'
import { operatorRules, operatorRulesFile } from '../operator-rules.ts'
import { mentionsOf } from './support/promql.ts'
import { expressions, rules } from './support/sources.ts'

/** What others export: Prometheus itself, and the NATS exporter (-varz). */
const FOREIGN = ['up', 'gnatsd_varz_jetstream_stats_storage', 'gnatsd_varz_jetstream_config_max_storage']
/** Labels that the scrape adds, that of buckets, and that of foreign metrics. */
const FREE_LABELS = ['job', 'instance', 'le', 'server_id']

const specs = Object.values(METRICS) as readonly MetricSpec[]
const exported = new Map(
  specs.flatMap((spec) => {
    const name = prometheusName(spec)
    const names = spec.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name]
    return names.map((each) => [each, spec] as const)
  }),
)
const recorded = new Set(rules().flatMap(({ record }) => record ?? []))

t.test('the names in an expression', (t) => {
  const expr =
    'sum by (a, b) (rate(x_total{c="y{}",d=~"z"}[5m])) / on (e) group_left vector(0) > 3e2 unless (q:r5m offset 1d)'
  t.strictSame(mentionsOf(expr), {
    selectors: [
      { metric: 'x_total', labels: ['c', 'd'] },
      { metric: 'q:r5m', labels: [] },
    ],
    groupings: ['a', 'b', 'e'],
  })
  t.end()
})

t.test('every metric that a rule or a dashboard names is exported, with the labels it is asked for', (t) => {
  const all = expressions()
  t.ok(all.length > 100, `${all.length} expressions are looked at`)
  const wrong = all.flatMap(({ where, expr }) => {
    const { selectors, groupings } = mentionsOf(expr)
    const known = new Set(FREE_LABELS)
    const problems: string[] = []
    for (const { metric, labels } of selectors) {
      const spec = exported.get(metric)
      const attributes = (spec?.attributes ?? []).map(prometheusLabel)
      for (const attribute of attributes) known.add(attribute)
      if (spec === undefined && !recorded.has(metric) && !FOREIGN.includes(metric)) {
        problems.push(`${where}: no service exports ${metric}`)
      }
      for (const label of labels) {
        if (!attributes.includes(label) && !FREE_LABELS.includes(label))
          problems.push(`${where}: ${metric} has no ${label}`)
      }
    }
    for (const label of groupings) if (!known.has(label)) problems.push(`${where}: nothing in it has ${label}: ${expr}`)
    return problems
  })
  t.strictSame(wrong, [])
  t.end()
})

t.test('every metric is on a dashboard, itself or through a recording rule', (t) => {
  const onDashboards = expressions().flatMap(({ where, expr }) => (where.endsWith('.json') ? expr : []))
  const recordings = rules().flatMap(({ record, expr }) => (record === undefined ? [] : expr))
  const named = [...onDashboards, ...recordings].flatMap((expr) => mentionsOf(expr).selectors)
  const seen = new Set(named.map(({ metric }) => exported.get(metric)))
  const unseen = specs.filter((spec) => !seen.has(spec)).map(({ name }) => name)
  t.strictSame(unseen, [])
  t.end()
})

t.test('thresholds of objectives are bounds of buckets, so that shares are exact', (t) => {
  let compared = 0
  for (const { where, expr } of expressions()) {
    for (const [, name = '', le = ''] of expr.matchAll(/(\w+)_bucket\{le="([\d.]+)"\}/g)) {
      const spec = specs.find((each) => prometheusName(each) === name)
      t.ok((spec?.bounds ?? DEFAULT_BOUNDS).includes(Number(le)), `${where}: ${name} has the bound ${le}`)
      compared += 1
    }
  }
  t.ok(compared > 0, 'there are such thresholds')
  t.end()
})

t.test('the outcomes that burn the error budget are the errors that are ours', (t) => {
  const ours = Object.entries(HTTP_ERRORS).flatMap(([code, [status]]) => (status >= 500 ? [code] : []))
  for (const { record, expr } of rules()) {
    if (record?.startsWith('podium:answers_failing:') !== true) continue
    const [, codes = ''] = /podium_outcome=~"([^"]*)"/.exec(expr) ?? []
    t.strictSame(codes.split('|').sort(), ours.sort(), record)
  }
  t.end()
})

t.test('the committed dashboards are those that the builder makes (else: make gen)', (t) => {
  const committed = new Map(
    readdirSync(dashboardsDir).map((name) => [name, readFileSync(join(dashboardsDir, name), 'utf8')] as const),
  )
  t.strictSame([...committed.keys()].sort(), [...dashboardFiles().keys()].sort())
  for (const [name, text] of dashboardFiles()) t.equal(committed.get(name) === text, true, `${name} is current`)
  t.end()
})

t.test('the rules for Kubernetes are those of Prometheus (else: make gen)', (t) => {
  t.equal(readFileSync(operatorRulesFile, 'utf8') === operatorRules(), true)
  t.end()
})
