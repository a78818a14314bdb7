import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { machineFacts } from './lib/environment.ts'
import { loadScenario, scenarioNames } from './lib/registry.ts'
import { type Outcome, runScenario } from './lib/run-scenario.ts'
import type { Scenario } from './lib/scenario.ts'
import { writeReport } from './report/report.ts'
import { firstLine, HEAD, rowsOf, table } from './report/text.ts'

const RESULTS = join(import.meta.dirname, 'results')

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        set: { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const helpText = (scenarios: readonly Scenario[]): string => {
  const about = ({ name, summary, seconds, options }: Scenario): string => {
    const lines = Object.entries(options).map(
      ([key, option]) => `      ${`${key}=${option.default}`.padEnd(26)} ${option.help}`,
    )
    return [`  ${name.padEnd(18)} ${summary} (about ${seconds} s)`, ...lines].join('\n')
  }
  return `Usage: make bench [SCENARIO="name …"] [QUICK=1] [SET="option=value …"]
       node bench/main.ts [name …] [--quick] [--set option=value]… [--out folder]

Runs the scenarios, all of them without a name, and writes results.json and report.md with charts to bench/results/<time>/.
Exit code 0 when every scenario ran and is valid, 1 otherwise. Goals that are missed do not fail it.

${scenarios.map(about).join('\n')}
`
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

const runAll = async (
  scenarios: readonly Scenario[],
  options: { quick: boolean; given: Record<string, string>; folder: string; signal: AbortSignal },
): Promise<Outcome[]> => {
  const began = performance.now()
  const clock = () => `[${minutes((performance.now() - began) / 1_000)}]`
  const outcomes: Outcome[] = []
  for (const [index, scenario] of scenarios.entries()) {
    if (options.signal.aborted) break
    const left = scenarios.slice(index).reduce((sum, { seconds }) => sum + seconds, 0)
    say(
      `${clock()} ${index + 1}/${scenarios.length} ${scenario.name}: ${scenario.summary} (about ${scenario.seconds} s; ${minutes(left)} left in all)`,
    )
    const outcome = await runScenario(scenario, {
      ...options,
      folder: join(options.folder, scenario.name),
      progress: (text) => say(`${clock()}   ${text}`),
    })
    outcomes.push(outcome)
    if (outcome.failure !== undefined) say(`${clock()}   FAILED ${outcome.failure}`)
    writeFileSync(join(options.folder, 'results.json'), JSON.stringify({ machine: machineFacts(), outcomes }, null, 1))
  }
  return outcomes
}

const main = async (): Promise<number> => {
  const parsed = readArguments()
  const names = scenarioNames()
  const chosen = typeof parsed === 'string' || parsed.positionals.length === 0 ? names : parsed.positionals
  const unknown = chosen.find((name) => !names.includes(name))
  const pairs = typeof parsed === 'string' ? [] : parsed.values.set.map((text) => text.split('='))
  const problem =
    typeof parsed === 'string'
      ? parsed
      : unknown !== undefined
        ? `there is no scenario ${unknown}; there are ${names.join(', ')}`
        : pairs.some((pair) => pair.length !== 2)
          ? '--set takes option=value'
          : undefined
  const scenarios = await Promise.all(chosen.map(loadScenario))
  if (problem !== undefined || typeof parsed === 'string') {
    process.stderr.write(`${problem}\n`)
    return 2
  }
  if (parsed.values.help) {
    say(helpText(await Promise.all(names.map(loadScenario))))
    return 0
  }
  const given = Object.fromEntries(pairs) as Record<string, string>
  const strange = Object.keys(given).find((key) => !scenarios.some(({ options }) => key in options))
  if (strange !== undefined) {
    process.stderr.write(`none of these scenarios has an option ${strange}; see --help\n`)
    return 2
  }

  const folder = parsed.values.out ?? join(RESULTS, new Date().toISOString().replaceAll(':', '-').slice(0, 19))
  mkdirSync(folder, { recursive: true })
  const machine = machineFacts()
  say(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  )
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
  const outcomes = await runAll(scenarios, { quick: parsed.values.quick, given, folder, signal: stop.signal })
  const report = writeReport(folder, machine, outcomes)
  say(`\n${table([HEAD, ...outcomes.flatMap(rowsOf)])}\n`)
  for (const { name, failure } of outcomes) if (failure !== undefined) say(`${name} failed: ${firstLine(failure)}`)
  say(`Report: ${relative(process.cwd(), report)}`)
  const isGood = ({ failure, result }: Outcome) => failure === undefined && result?.verdict.kind === 'valid'
  return outcomes.length === scenarios.length && outcomes.every(isGood) ? 0 : 1
}

process.exitCode = await main()
