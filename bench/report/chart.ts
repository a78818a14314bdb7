import type { Axis, Chart } from '../lib/scenario.ts'
import { createScale } from './scale.ts'
import { colourOf, element, HEIGHT, legend, legendRows, picture, text, WIDTH } from './svg.ts'
import { numberText } from './text.ts'

/** A chart as an SVG document. */
export const chartSvg = (chart: Chart): string => (chart.kind === 'lines' ? lines(chart) : bars(chart))

const LEFT = 70
const TOP = 40
const RIGHT = WIDTH - 24
const ROW = 26

const label = ({ label: name, unit }: Axis): string => (unit === '' ? name : `${name} (${unit})`)

const lines = (chart: Extract<Chart, { kind: 'lines' }>): string => {
  const names = chart.series.map(({ name }) => name)
  const bottom = HEIGHT - 44 - legendRows(names, RIGHT - LEFT) * 18
  const points = chart.series.flatMap((series) => series.points)
  if (points.length === 0)
    return picture(chart.title, 80, [text(WIDTH / 2, 56, 'no data', { 'text-anchor': 'middle' })])
  const xs = createScale(
    chart.x,
    points.map(([x]) => x),
  )
  const ys = createScale(
    chart.y,
    points.map(([, y]) => y),
  )
  const left = (x: number): number => LEFT + xs.position(x) * (RIGHT - LEFT)
  const top = (y: number): number => bottom - ys.position(y) * (bottom - TOP)
  return picture(chart.title, HEIGHT, [
    ...ys.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: top(tick), y2: top(tick) }),
      text(LEFT - 8, top(tick) + 4, numberText(tick), { 'text-anchor': 'end' }),
    ]),
    ...xs.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: left(tick), x2: left(tick), y1: TOP, y2: bottom }),
      text(left(tick), bottom + 16, chart.x.scale === 'percentile' ? String(tick) : numberText(tick), {
        'text-anchor': 'middle',
      }),
    ]),
    element('line', { class: 'axis', x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom }),
    element('line', { class: 'axis', x1: LEFT, x2: LEFT, y1: TOP, y2: bottom }),
    ...chart.series.flatMap(({ points: own }, index) => [
      element('polyline', {
        class: 'series',
        stroke: colourOf(index),
        points: own.map(([x, y]) => `${left(x).toFixed(1)},${top(y).toFixed(1)}`).join(' '),
      }),
      ...own.map(([x, y]) => element('circle', { cx: left(x), cy: top(y), r: 2.5, fill: colourOf(index) })),
    ]),
    text((LEFT + RIGHT) / 2, bottom + 34, label(chart.x), { 'text-anchor': 'middle' }),
    text(16, (TOP + bottom) / 2, label(chart.y), {
      'text-anchor': 'middle',
      transform: `rotate(-90 16 ${(TOP + bottom) / 2})`,
    }),
    ...legend(names, LEFT, bottom + 54, RIGHT - LEFT),
  ])
}

/** Lying bars, one line each, so that names have room. */
const bars = (chart: Extract<Chart, { kind: 'bars' }>): string => {
  const { groups } = chart
  const parts = [...new Set(groups.flatMap((group) => group.parts.map(({ name }) => name)))]
  const start = Math.min(280, 24 + Math.max(...groups.map(({ name }) => name.length)) * 7)
  const end = RIGHT - 50
  const bottom = TOP + groups.length * ROW
  const totals = groups.map((group) => group.parts.reduce((sum, { value }) => sum + value, 0))
  const scale = createScale(chart.value, [...totals, 0])
  const left = (value: number): number => start + scale.position(value) * (end - start)
  const bar = (group: (typeof groups)[number], row: number): string[] => {
    let sum = 0
    const y = TOP + row * ROW + 4
    const pieces = group.parts.map(({ name, value }) => {
      const x = left(sum)
      sum += value
      const width = Math.max(0, left(sum) - x)
      const piece = { x, y, width, height: ROW - 9, fill: colourOf(parts.indexOf(name)) }
      return element('rect', piece, `<title>${name}: ${numberText(value)} ${chart.value.unit}</title>`)
    })
    return [
      text(start - 8, y + 13, group.name, { 'text-anchor': 'end' }),
      ...pieces,
      text(left(sum) + 6, y + 13, numberText(sum)),
    ]
  }
  return picture(chart.title, bottom + 52 + legendRows(parts, RIGHT - 24) * 18, [
    ...scale.ticks.flatMap((tick) => [
      element('line', { class: 'grid', x1: left(tick), x2: left(tick), y1: TOP, y2: bottom }),
      text(left(tick), bottom + 16, numberText(tick), { 'text-anchor': 'middle' }),
    ]),
    element('line', { class: 'axis', x1: start, x2: start, y1: TOP, y2: bottom }),
    ...groups.flatMap(bar),
    text((start + end) / 2, bottom + 34, label(chart.value), { 'text-anchor': 'middle' }),
    ...legend(parts, 24, bottom + 54, RIGHT - 24),
  ])
}
