import { DEFAULT_BOUNDS, type MetricSpec } from '../contract/metric-spec.ts'
import { prometheusLabel, prometheusName } from '../contract/names.ts'
import type { Exemplar, Family, HistogramState, Series } from './metrics.ts'

const OPEN_METRICS = 'application/openmetrics-text'

/** The page a scraper gets: OpenMetrics, which has exemplars, when it says that it takes it, the older text otherwise. */
export const prometheusPage = (
  families: Iterable<Family>,
  accept = '',
): { readonly contentType: string; readonly body: string } => {
  const isOpen = accept.includes(OPEN_METRICS)
  const lines: string[] = []
  for (const family of families) writeFamily(lines, family, isOpen)
  if (isOpen) lines.push('# EOF')
  return {
    contentType: isOpen ? `${OPEN_METRICS}; version=1.0.0; charset=utf-8` : 'text/plain; version=0.0.4; charset=utf-8',
    body: `${lines.join('\n')}\n`,
  }
}

const writeFamily = (lines: string[], { spec, series }: Family, isOpen: boolean): void => {
  const name = prometheusName(spec)
  // OpenMetrics calls a counter's family by its name without the suffix of its samples.
  const family = isOpen && spec.type === 'counter' ? name.replace(/_total$/, '') : name
  lines.push(`# HELP ${family} ${spec.description}`, `# TYPE ${family} ${spec.type}`)
  for (const each of series.values()) {
    const state = each.read()
    if (state === undefined) continue
    const labels = labelsOf(spec, each)
    if (typeof state === 'number') lines.push(`${name}${braces(labels)} ${state}`)
    else writeHistogram(lines, name, spec, state, labels, isOpen)
  }
}

const writeHistogram = (
  lines: string[],
  name: string,
  { bounds = DEFAULT_BOUNDS }: MetricSpec,
  { counts, sum, exemplars }: HistogramState,
  labels: string,
  isOpen: boolean,
): void => {
  const lead = labels === '' ? '' : `${labels},`
  let total = 0
  for (const [bucket, count] of counts.entries()) {
    total += count
    const bound = bounds[bucket]
    const exemplar = isOpen ? exemplarText(exemplars[bucket]) : ''
    lines.push(`${name}_bucket{${lead}le="${bound === undefined ? '+Inf' : floatText(bound)}"} ${total}${exemplar}`)
  }
  lines.push(`${name}_sum${braces(labels)} ${sum}`, `${name}_count${braces(labels)} ${total}`)
}

const exemplarText = (exemplar: Exemplar | undefined): string =>
  exemplar === undefined ? '' : ` # {trace_id="${exemplar.traceId}"} ${exemplar.value} ${exemplar.atMs / 1_000}`

/** As every client library writes bounds: 1.0, not 1, so that series of both formats are the same. */
const floatText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

const labelsOf = ({ attributes = [] }: MetricSpec, { values }: Series): string =>
  attributes.map((key, index) => `${prometheusLabel(key)}="${escaped(values[index] ?? '')}"`).join(',')

const braces = (labels: string): string => (labels === '' ? '' : `{${labels}}`)

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
