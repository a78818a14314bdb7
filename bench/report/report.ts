import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from '../lib/facts.ts'
import type { Outcome } from '../lib/run-scenario.ts'
import type { Chart, LatencyRow, ScenarioResult } from '../lib/scenario.ts'
import { chartSvg } from './chart.ts'
import { figuresOf, goalText, metText, numberText, rowsOf, spreadText } from './text.ts'

/** Writes report.md, with its charts beside it, and returns its path. */
export const writeReport = async (folder: string, machine: Facts, outcomes: readonly Outcome[]): Promise<string> => {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'report.md')
  for (const { name, result } of outcomes) {
    for (const [index, chart] of chartsOf(result).entries()) {
      writeFileSync(join(folder, chartFile(name, index)), await chartSvg(chart))
    }
  }
  writeFileSync(path, markdown(machine, outcomes))
  return path
}

/** What is void is not drawn either. */
const chartsOf = (result: ScenarioResult | undefined): readonly Chart[] =>
  result?.verdict.kind === 'valid' ? (result.charts ?? []) : []

const chartFile = (scenario: string, index: number): string => `${scenario}-${index + 1}.svg`

const markdown = (machine: Facts, outcomes: readonly Outcome[]): string =>
  [
    '# Bench',
    factsTable(machine),
    '## All figures',
    markdownTable(['Scenario', 'Figure', 'Value', 'Unit', 'Spread', 'Goal', ''], outcomes.flatMap(rowsOf)),
    ...outcomes.map(section),
  ].join('\n\n')

const section = (outcome: Outcome): string => {
  const { name, summary, options, seconds, facts, result, failure } = outcome
  const parts = [`## ${name}`, `${summary}. Took ${Math.round(seconds)} s.`]
  const chosen = Object.entries(options).map(([key, value]) => `${key}=${value}`)
  if (chosen.length > 0) parts.push(`Options: ${chosen.map((text) => `\`${text}\``).join(' ')}`)
  if (Object.keys(facts).length > 0) parts.push(factsTable(facts))
  if (failure !== undefined) parts.push(`**Failed:**\n\n\`\`\`\n${failure}\n\`\`\``)
  if (result !== undefined) parts.push(...resultParts(result))
  for (const [index, { title }] of chartsOf(result).entries()) parts.push(`![${title}](${chartFile(name, index)})`)
  return parts.join('\n\n')
}

const resultParts = (result: ScenarioResult): string[] => {
  const { verdict, latencies = [], payloads = {}, notes = [] } = result
  const parts: string[] = []
  if (verdict.kind === 'void') {
    parts.push(
      `**Void, no figure of this run counts:**\n\n${verdict.reasons.map((reason) => `- ${reason}`).join('\n')}`,
    )
    return parts
  }
  parts.push(
    markdownTable(
      ['Figure', 'Value', 'Unit', 'Spread', 'Goal', ''],
      figuresOf(result).map((figure) => [
        figure.name,
        numberText(figure.value),
        figure.unit,
        spreadText(figure),
        goalText(figure.goal),
        metText(figure.value, figure.goal),
      ]),
    ),
  )
  if (latencies.length > 0) parts.push(latencyTable(latencies))
  const bytes = Object.entries(payloads)
  if (bytes.length > 0) parts.push(`Payloads: ${bytes.map(([name, size]) => `${name} ${size} bytes`).join(', ')}.`)
  if (verdict.checks.length > 0) parts.push(`Checked:\n\n${verdict.checks.map((check) => `- ${check}`).join('\n')}`)
  if (notes.length > 0) parts.push(notes.join('\n\n'))
  return parts
}

const latencyTable = (rows: readonly LatencyRow[]): string =>
  markdownTable(
    ['Milliseconds', 'Count', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    rows.map(({ name, count, p50, p90, p99, p999, max }) => [
      name,
      String(count),
      ...[p50, p90, p99, p999, max].map(numberText),
    ]),
  )

const factsTable = (facts: Facts): string => markdownTable(['', ''], Object.entries(facts))

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n')

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
