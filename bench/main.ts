import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Arguments, helpText, readArguments } from './lib/arguments.ts'
import { machineFacts } from './lib/facts.ts'
import { type Outcome, runScenario } from './lib/run-scenario.ts'
import type { Scenario } from './lib/scenario.ts'
import { writeReport } from './report/report.ts'
import { firstLine, HEAD, rowsOf, table } from './report/text.ts'
import { scenarios as all } from './scenarios/index.ts'

const RESULTS = join(import.meta.dirname, 'results')

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

const runAll = async (
  scenarios: readonly Scenario[],
  options: { quick: boolean; given: Arguments['given']; folder: string; signal: AbortSignal },
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

const main = async ({ quick, out, scenarios, given }: Arguments): Promise<number> => {
  const folder = out ?? join(RESULTS, new Date().toISOString().replaceAll(':', '-').slice(0, 19))
  mkdirSync(folder, { recursive: true })
  const machine = machineFacts()
  say(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  )
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
  const outcomes = await runAll(scenarios, { quick, given, folder, signal: stop.signal })
  const report = await writeReport(folder, machine, outcomes)
  say(`\n${table([HEAD, ...outcomes.flatMap(rowsOf)])}\n`)
  for (const { name, failure } of outcomes) if (failure !== undefined) say(`${name} failed: ${firstLine(failure)}`)
  say(`Report: ${relative(process.cwd(), report)}`)
  const isGood = ({ failure, result }: Outcome) => failure === undefined && result?.verdict.kind === 'valid'
  return outcomes.length === scenarios.length && outcomes.every(isGood) ? 0 : 1
}

const readOrSay = (): Arguments | undefined => {
  try {
    return readArguments(process.argv.slice(2), all)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return undefined
  }
}

const given = readOrSay()
if (given === undefined) process.exitCode = 2
else if (given.help) say(helpText(all))
else process.exitCode = await main(given)
