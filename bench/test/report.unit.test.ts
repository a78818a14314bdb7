import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Outcome } from '../lib/run-scenario.ts'
import type { Chart, ScenarioResult } from '../lib/scenario.ts'
import { chartSvg } from '../report/chart.ts'
import { writeReport } from '../report/report.ts'
import { createScale } from '../report/scale.ts'
import { numberText, rowsOf, table } from '../report/text.ts'

const lines: Chart = {
  kind: 'lines',
  title: 'Latency of <this> & "that"',
  x: { label: 'Percentile', unit: '%', scale: 'percentile' },
  y: { label: 'Latency', unit: 'ms', scale: 'log' },
  series: [
    {
      name: 'ours',
      points: [
        [0, 1],
        [50, 2],
        [99, 30],
      ],
    },
    {
      name: 'theirs',
      points: [
        [0, 3],
        [50, 20],
        [99, 300],
      ],
    },
  ],
}

const bars: Chart = {
  kind: 'bars',
  title: 'CPU',
  value: { label: 'CPU per answer', unit: 'µs' },
  groups: [
    {
      name: 'edge',
      parts: [
        { name: 'a', value: 10 },
        { name: 'b', value: 5 },
      ],
    },
    { name: 'nats', parts: [{ name: 'a', value: 0 }] },
  ],
}

const outcome = (result: Partial<ScenarioResult> | undefined, failure?: string): Outcome => ({
  name: 'example',
  summary: 'an example',
  options: { players: '10' },
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 3,
  facts: {},
  ...(result === undefined ? {} : { result: { verdict: { kind: 'valid', checks: [] }, figures: [], ...result } }),
  ...(failure === undefined ? {} : { failure }),
})

/** Every element that is opened is closed, in order. */
const isWellFormed = (svg: string): boolean => {
  const open: string[] = []
  for (const [, slash, name, rest] of svg.matchAll(/<(\/?)([a-z]+)([^>]*)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return false
    } else if (rest?.endsWith('/') !== true) open.push(name ?? '')
  }
  return open.length === 0
}

t.test('charts are well-formed, name their axes with units, and follow a dark scheme', async (t) => {
  for (const chart of [lines, bars]) {
    const svg = chartSvg(chart)
    t.ok(isWellFormed(svg))
    t.match(svg, /prefers-color-scheme:dark/)
    t.notMatch(svg, /NaN|undefined/)
  }
  t.match(chartSvg(lines), 'Latency of &lt;this&gt; &amp; &quot;that&quot;')
  t.match(chartSvg(lines), 'Percentile (%)')
  t.match(chartSvg(lines), 'Latency (ms)')
  t.match(chartSvg(bars), 'CPU per answer (µs)')
})

t.test('everything that is drawn is inside the picture', async (t) => {
  for (const chart of [lines, bars]) {
    const svg = chartSvg(chart)
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number)
    for (const [, x] of svg.matchAll(/ (?:x|x1|x2|cx)="(-?[\d.]+)"/g)) t.ok(Number(x) >= 0 && Number(x) <= width)
    for (const [, y] of svg.matchAll(/ (?:y|y1|y2|cy)="(-?[\d.]+)"/g)) t.ok(Number(y) >= 0 && Number(y) <= height)
  }
})

t.test('a chart without data says so', async (t) => {
  t.match(chartSvg({ ...lines, series: [] }), 'no data')
})

t.test('scales: round steps, decades, and percentiles at the distance of their nines', async (t) => {
  const axis = { label: '', unit: '' }
  t.same(createScale(axis, [0, 43]).ticks, [0, 10, 20, 30, 40, 50])
  t.same(createScale({ ...axis, scale: 'log' }, [0.5, 300]).ticks, [0.1, 1, 10, 100, 1_000])
  const percentiles = createScale({ ...axis, scale: 'percentile' }, [0, 99])
  t.same(percentiles.ticks, [0, 50, 90, 99])
  t.ok(Math.abs(percentiles.position(90) - 0.5) < 1e-9)
})

t.test('numbers have three digits, and groups where they are long', async (t) => {
  t.equal(numberText(0.123456), '0.123')
  t.equal(numberText(12_345.6), '12 346')
  t.equal(numberText(0), '0')
  t.equal(numberText(Number.NaN), '–')
})

t.test('a figure is shown with its goal; a void or failed run has no figure at all', async (t) => {
  const figures = [{ name: 'p99', unit: 'ms', value: 12, goal: { direction: 'at most' as const, value: 10 } }]
  t.same(rowsOf(outcome({ figures })), [['example', 'p99', '12', 'ms', '', '≤ 10', 'missed']])
  t.same(rowsOf(outcome({ figures, verdict: { kind: 'void', reasons: ['late'] } })), [['example', 'VOID: late']])
  t.same(rowsOf(outcome(undefined, 'Error: no\n  at x')), [['example', 'FAILED: Error: no']])
})

t.test('columns of the table are as wide as their widest cell', async (t) => {
  t.equal(
    table([
      ['a', 'b', 'c'],
      ['long', 'x', '12'],
    ]),
    'a     b   c\nlong  x  12',
  )
})

t.test('the report has the machine, figures and charts of what is valid, and reasons for what is void', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-report-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const figures = [{ name: 'rate', unit: '1/s', value: 5 }]
  const report = readFileSync(
    writeReport(folder, { cpu: 'one | two' }, [
      outcome({ figures, charts: [lines] }),
      {
        ...outcome({ figures, charts: [bars], verdict: { kind: 'void', reasons: ['the ledger differs'] } }),
        name: 'bad',
      },
    ]),
    'utf8',
  )
  t.match(report, 'one \\| two')
  t.match(report, '| rate | 5 | 1/s |')
  t.match(report, '(example-1.svg)')
  t.match(report, 'the ledger differs')
  t.notMatch(report, 'bad-1.svg')
  t.ok(readFileSync(join(folder, 'example-1.svg'), 'utf8').startsWith('<svg'))
})
