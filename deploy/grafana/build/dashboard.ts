import { METRICS, type MetricKey, prometheusName } from '#platform/contract/names'
import { DATASOURCES, type Panel } from './panel.ts'

/** Every metric's name in Prometheus: one that is not exported cannot be written down. */
export const metric = Object.fromEntries(
  Object.entries(METRICS).map(([key, spec]) => [key, prometheusName(spec)]),
) as Readonly<Record<MetricKey, string>>

/** Events per second of a counter, by labels. */
export const rate = (key: MetricKey, by = '', matchers = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (rate(${metric[key]}${braces(matchers)}[$__rate_interval]))`

/** A quantile of a histogram over all processes, by labels. */
export const quantile = (q: number, key: MetricKey, by = '', matchers = ''): string =>
  `histogram_quantile(${q}, sum by (${by === '' ? 'le' : `le, ${by}`}) ` +
  `(rate(${metric[key]}_bucket${braces(matchers)}[$__rate_interval])))`

/** p50, p90 and p99 of a histogram. */
export const quantiles = (key: MetricKey, matchers = ''): (readonly [string, string])[] =>
  [0.5, 0.9, 0.99].map((q) => [quantile(q, key, '', matchers), `p${q * 100}`] as const)

/** Events per second of a histogram, by labels. */
export const countRate = (key: MetricKey, by = '', matchers = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (rate(${metric[key]}_count${braces(matchers)}[$__rate_interval]))`

const braces = (matchers: string): string => (matchers === '' ? '' : `{${matchers}}`)

/** A heading with lines of panels below it; a line's panels share its width. */
export interface Section {
  readonly title: string
  readonly lines: readonly (readonly Panel[])[]
  /** In units of Grafana's grid. Default 8. */
  readonly height?: number
}

const WIDTH = 24

const layOut = (sections: readonly Section[]) => {
  const placed: unknown[] = []
  let y = 0
  let id = 1
  for (const { title, lines, height = 8 } of sections) {
    placed.push({ id: id++, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] })
    y += 1
    for (const line of lines) {
      const w = Math.floor(WIDTH / line.length)
      for (const [index, panel] of line.entries()) {
        placed.push({ id: id++, ...panel, gridPos: { x: index * w, y, w, h: height } })
      }
      y += height
    }
  }
  return placed
}

export interface Dashboard {
  /** File name and stable address. */
  readonly uid: string
  readonly title: string
  readonly about: string
  readonly variables?: readonly object[]
  readonly sections: readonly Section[]
}

/** A variable that chooses among the values of a label. */
export const labelVariable = (name: string, label: string, of: string) => ({
  type: 'query',
  name,
  label: name,
  datasource: DATASOURCES.prometheus,
  query: { refId: name, query: `label_values(${of}, ${label})` },
  refresh: 2,
  includeAll: true,
  multi: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
})

/** A variable that is typed or comes with a link. */
export const textVariable = (name: string, label: string) => ({
  type: 'textbox',
  name,
  label,
  query: '',
  current: { text: '', value: '' },
})

/** The document that Grafana reads. */
export const toGrafana = ({ uid, title, about, variables = [], sections }: Dashboard) => ({
  uid: `podium-${uid}`,
  title: `Podium: ${title}`,
  description: about,
  tags: ['podium'],
  schemaVersion: 39,
  version: 1,
  editable: false,
  graphTooltip: 1,
  refresh: '10s',
  time: { from: 'now-1h', to: 'now' },
  links: [{ type: 'dashboards', title: 'Podium', tags: ['podium'], asDropdown: false, keepTime: true }],
  templating: { list: variables },
  annotations: {
    list: [
      {
        name: 'New version',
        datasource: DATASOURCES.prometheus,
        enable: true,
        iconColor: 'blue',
        expr: `sum by (version, commit) (${metric.buildInfo}) unless sum by (version, commit) (${metric.buildInfo} offset 1m)`,
        titleFormat: '{{version}} {{commit}}',
      },
    ],
  },
  panels: layOut(sections),
})
