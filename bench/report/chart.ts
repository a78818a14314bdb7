import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Axis, Chart } from '../lib/scenario.ts'

/** Distinguishable also without colour vision. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#999933', '#7f7f7f']
const PERCENTILES = [0, 50, 90, 99, 99.9, 99.99]

const titleOf = ({ label, unit }: Axis): string => (unit === '' ? label : `${label} (${unit})`)

/** Equal distances between 0, 90, 99 and 99.9: each is as far from 100 as a tenth of the one before. */
const depthOf = (percent: number): number => -Math.log10(1 - Math.min(percent, 99.999) / 100)

/** A chart as an SVG document. */
export const chartSvg = (chart: Chart): Promise<string> => {
  const spec = chart.kind === 'lines' ? lines(chart) : bars(chart)
  const config = {
    range: { category: COLOURS },
    legend: { orient: 'bottom', columns: 3, title: null, labelLimit: 260 },
  }
  const { spec: vega } = compile({
    ...spec,
    title: chart.title,
    width: 640,
    background: '#fff',
    padding: 12,
    config,
  } as TopLevelSpec)
  return new View(parse(vega), { renderer: 'none' }).toSVG()
}

const lines = ({ x, y, series }: Extract<Chart, { kind: 'lines' }>) => {
  const isPercentile = x.scale === 'percentile'
  const points = series.flatMap(({ name, points }) =>
    points.map(([at, value]) => ({ name, x: isPercentile ? depthOf(at) : at, y: value })),
  )
  const axis = { values: PERCENTILES.map(depthOf), labelExpr: "format(100 - 100 * pow(10, -datum.value), '~r')" }
  return {
    height: 280,
    data: { values: points },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: titleOf(x), ...(isPercentile && { axis }) },
      y: { field: 'y', type: 'quantitative', title: titleOf(y), scale: { type: y.scale === 'log' ? 'log' : 'linear' } },
      color: { field: 'name', type: 'nominal', sort: null },
    },
  }
}

/** Horizontal bars, one line each, so that names have room. */
const bars = ({ value, groups }: Extract<Chart, { kind: 'bars' }>) => {
  const parts = groups.flatMap(({ name, parts }, place) =>
    parts.map((part, order) => ({ name, place, part: part.name, value: part.value, order })),
  )
  const y = { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 280 } }
  const x = { field: 'value', type: 'quantitative', title: titleOf(value) }
  const total = { ...x, aggregate: 'sum' }
  return {
    data: { values: parts },
    layer: [
      {
        mark: 'bar',
        encoding: { y, x, color: { field: 'part', type: 'nominal', sort: null }, order: { field: 'order' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { y, x: total, text: { ...total, format: '.3~r' } },
      },
    ],
  }
}
