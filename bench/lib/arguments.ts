import { parseArgs } from 'node:util'
import { findScenario } from '../scenarios/index.ts'
import type { Scenario } from './scenario.ts'

export interface Arguments {
  readonly help: boolean
  readonly quick: boolean
  readonly out: string | undefined
  /** To run, in this order. */
  readonly scenarios: readonly Scenario[]
  /** Options given by the user. */
  readonly given: Readonly<Record<string, string>>
}

/** What the command line asks for. @throws Error with a sentence for the user */
export const readArguments = (args: readonly string[], all: readonly Scenario[]): Arguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const scenarios =
    positionals.length === 0
      ? all.filter(({ onlyByName }) => onlyByName !== true)
      : positionals.map((name) => findScenario(name, all))
  const given = Object.fromEntries(values.set.map(pairOf))
  for (const key of Object.keys(given)) {
    if (!scenarios.some(({ options }) => key in options))
      throw new Error(`none of these scenarios has an option ${key}`)
  }
  return { help: values.help, quick: values.quick, out: values.out, scenarios, given }
}

const pairOf = (text: string): [string, string] => {
  const at = text.indexOf('=')
  if (at <= 0) throw new Error(`--set takes option=value, not ${text}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

export const helpText = (all: readonly Scenario[]): string => `\
Usage: make bench [SCENARIO="name …"] [QUICK=1] [SET="option=value …"]
       node bench/main.ts [name …] [--quick] [--set option=value]… [--out folder]

Runs the scenarios and writes results.json and report.md with charts to bench/results/<time>/. Without a name it runs all that
are not marked with *. Exit code 0 when every scenario ran and is valid, 1 otherwise; a goal that is missed does not fail it.

${all.map(about).join('\n')}
`

const about = ({ name, summary, seconds, options, onlyByName }: Scenario): string => {
  const head = `  ${`${name}${onlyByName === true ? ' *' : ''}`.padEnd(18)} ${summary} (about ${seconds} s)`
  const lines = Object.entries(options).map(
    ([key, option]) => `      ${`${key}=${option.default}`.padEnd(26)} ${option.help}`,
  )
  return [head, ...lines].join('\n')
}
