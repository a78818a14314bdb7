import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Baseline, baselineOf, compareWithBaseline } from './lib/baseline.ts'
import { machineFacts } from './lib/facts.ts'
import { runScenario } from './lib/run-scenario.ts'
import { numberText, table } from './report/text.ts'
import { findScenario } from './scenarios/index.ts'

const USAGE = `Usage: make bench-check [UPDATE=1]
       node bench/check.ts [--update] [--runs 3]

Measures what Podium costs in terms of the raw programs, in turns with them, and compares the median of the rounds with
bench/baseline.json. Exit code 1 when a ratio is worse than the baseline by more than the noise that the baseline was measured
with. --update measures the same code several times, and stores the medians and how much they differ.
`

const BASELINE = join(import.meta.dirname, 'baseline.json')

/** Scenarios that measure next to a ceiling, in a size that takes seconds. */
const MEASURED: readonly { readonly name: string; readonly options: Readonly<Record<string, string>> }[] = [
  { name: 'http', options: { sessions: '3', players: '1000', rounds: '5' } },
  { name: 'fanout', options: { players: '1000', rounds: '3', seconds: '1', peer: 'none' } },
]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Ratio by `scenario: name`. @throws when a scenario fails or its run is void */
const measure = async (signal: AbortSignal): Promise<Record<string, number>> => {
  const ratios: Record<string, number> = {}
  const folder = mkdtempSync(join(tmpdir(), 'podium-bench-check-'))
  try {
    for (const { name, options } of MEASURED) {
      const progress = (text: string) => say(`  ${name}: ${text}`)
      const { result, failure } = await runScenario(findScenario(name), {
        quick: false,
        given: options,
        folder,
        signal,
        progress,
      })
      if (result === undefined) throw new Error(`${name} failed: ${failure}`)
      if (result.verdict.kind === 'void') throw new Error(`${name} is void: ${result.verdict.reasons.join('; ')}`)
      for (const { name: ratio, ratio: value } of result.ceilings ?? []) ratios[`${name}: ${ratio}`] = value
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return ratios
}

const update = async (runs: number, signal: AbortSignal): Promise<void> => {
  const all: Record<string, number[]> = {}
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs} of the same code`)
    for (const [name, ratio] of Object.entries(await measure(signal))) all[name] = [...(all[name] ?? []), ratio]
  }
  const baseline = baselineOf(all, machineFacts())
  writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`)
  for (const [name, { median, noise }] of Object.entries(baseline.ratios)) {
    say(`${name}: ${numberText(median)}, noise ${numberText(noise * 100)} %`)
  }
}

const check = async (signal: AbortSignal): Promise<number> => {
  const baseline: Baseline = JSON.parse(readFileSync(BASELINE, 'utf8'))
  const rows = compareWithBaseline(baseline, await measure(signal))
  const text = (value: number | undefined): string => (value === undefined ? '' : numberText(value))
  const cells = rows.map((row) => [row.name, text(row.baseline), text(row.now), text(row.limit), row.outcome])
  say(`\n${table([['ratio to the ceiling', 'baseline', 'now', 'limit', ''], ...cells])}`)
  say(`\nThe baseline is from ${baseline.measuredOn.cpu}, commit ${baseline.measuredOn.commit}.`)
  return rows.some(({ outcome }) => outcome === 'worse') ? 1 : 0
}

const { values } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
})
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
if (values.help) say(USAGE)
else if (values.update) await update(Math.max(2, Number(values.runs)), stop.signal)
else process.exitCode = await check(stop.signal)
