import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { projectRoot } from '../../../local/paths.ts'

export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

/** Every alert and recording rule. */
export const rules = (): readonly Rule[] =>
  globSync('deploy/prometheus/rules/*.yaml', { cwd: projectRoot }).flatMap((path) => {
    const { groups } = parse(read(path)) as { groups: { rules: Rule[] }[] }
    return groups.flatMap((group) => group.rules)
  })

/** Every PromQL expression with the place where it stands. */
export const expressions = (): readonly { readonly where: string; readonly expr: string }[] => [
  ...rules().map(({ alert, record, expr }) => ({ where: alert ?? record ?? '', expr })),
  ...globSync('deploy/grafana/dashboards/*.json', { cwd: projectRoot }).flatMap((path) =>
    promExpressions(JSON.parse(read(path)) as Json).map((expr) => ({ where: path, expr })),
  ),
]

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Of every object with an `expr` whose data source is Prometheus, wherever it is; and of the queries of variables. */
const promExpressions = (value: Json): string[] => {
  if (value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) return value.flatMap(promExpressions)
  const { expr, query, datasource } = value
  const isOurs = JSON.stringify(datasource ?? null).includes('"prometheus"')
  const variable = typeof query === 'object' && query !== null && !Array.isArray(query) ? query.query : undefined
  return [
    ...(isOurs && typeof expr === 'string' ? [expr] : []),
    // Grafana's own function, as PromQL would say it.
    ...(isOurs && typeof variable === 'string'
      ? [variable.replace(/^label_values\((.*), (\w+)\)$/, 'count by ($2) ($1)')]
      : []),
    ...Object.values(value).flatMap(promExpressions),
  ]
}
