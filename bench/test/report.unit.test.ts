import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Outcome } from '../lib/run-scenario.ts'
import type { Chart, ScenarioResult } from '../lib/scenario.ts'
import { chartSvg } from '../report/chart.ts'
import { writeReport } from '../report/report.ts'
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

t.test('charts are SVG that names its axes with units, its series and their figures', async (t) => {
  const [line, bar] = [await chartSvg(lines), await chartSvg(bars)]
  for (const svg of [line, bar]) t.notMatch(svg, /NaN|undefined/)
  for (const text of ['Latency of &lt;this&gt; &amp;', 'Percentile (%)', 'Latency (ms)', '>ours<', '>99<'])
    t.match(line, text)
  for (const text of ['CPU per answer (µs)', '>edge<', '>15<']) t.match(bar, text)
})

t.test('a chart without data is drawn empty', async (t) => {
  t.match(await chartSvg({ ...lines, series: [] }), 'Percentile')
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
    await writeReport(folder, { cpu: 'one | two' }, [
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
