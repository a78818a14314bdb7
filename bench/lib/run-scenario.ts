import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Facts } from './facts.ts'
import type { Scenario, ScenarioResult } from './scenario.ts'
import type { ScenarioNews, ScenarioOrder } from './scenario-process.ts'

export interface Outcome {
  readonly name: string
  readonly summary: string
  readonly options: Readonly<Record<string, string>>
  readonly startedAt: string
  readonly seconds: number
  /** What the servers of its stack said about durability. */
  readonly facts: Facts
  /** Undefined when it failed, for `failure`. */
  readonly result?: ScenarioResult | undefined
  readonly failure?: string | undefined
}

export interface RunOptions {
  readonly quick: boolean
  /** Given by the user; those that the scenario does not have are left out. */
  readonly given: Readonly<Record<string, string>>
  readonly folder: string
  readonly signal: AbortSignal
  progress(text: string): void
}

/** Time to tidy up before it is killed. */
const STOP_MS = 20_000
/** A scenario may take so many times as long as on the reference machine. */
const PATIENCE = 4

export const optionsOf = (
  scenario: Scenario,
  quick: boolean,
  given: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(scenario.options).map(([name, option]) => [
      name,
      given[name] ?? (quick ? (option.quick ?? option.default) : option.default),
    ]),
  )

/** Resolves when its process has ended, also when it failed or took too long. */
export const runScenario = async (
  scenario: Scenario,
  { quick, given, folder, signal, progress }: RunOptions,
): Promise<Outcome> => {
  const { name, summary } = scenario
  const options = optionsOf(scenario, quick, given)
  const startedAt = new Date().toISOString()
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'scenario-process.ts'), {
    execArgv: ['--max-old-space-size=3072'],
    serialization: 'advanced', // JSON has no NaN
  })
  let facts: Facts = {}
  let result: ScenarioResult | undefined
  let failure: string | undefined
  let killing: NodeJS.Timeout | undefined
  const stop = (reason: string): void => {
    failure ??= reason
    child.kill('SIGTERM')
    killing ??= setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  }
  const seconds = scenario.seconds * PATIENCE + 30
  const timeout = setTimeout(() => stop(`not done after ${seconds} s`), seconds * 1_000)
  const interrupt = (): void => stop('interrupted')
  signal.addEventListener('abort', interrupt)
  child.on('message', (news: ScenarioNews) => {
    if (news.kind === 'progress') progress(news.text)
    else if (news.kind === 'facts') facts = { ...facts, ...news.facts }
    else if (news.kind === 'result') result = news.result
    else failure ??= news.reason
  })
  child.send({ name, options, folder } satisfies ScenarioOrder)
  await new Promise<void>((resolve) => {
    child.once('exit', (code, by) => {
      if (result === undefined) failure ??= `its process ended (${by ?? `exit code ${code}`})`
      resolve()
    })
  })
  clearTimeout(timeout)
  clearTimeout(killing)
  signal.removeEventListener('abort', interrupt)
  return {
    name,
    summary,
    options,
    startedAt,
    seconds: (performance.now() - began) / 1_000,
    facts,
    result,
    failure,
  }
}
