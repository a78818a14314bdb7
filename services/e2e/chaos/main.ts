import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../../../deploy/local/paths.ts'
import { startStack } from '../../../deploy/local/stack.ts'
import { type Fault, faults } from './faults.ts'
import { playUnder } from './game.ts'
import { pictureOf, type Run, tableOf } from './report.ts'

const USAGE = `Usage: make chaos [FAULT=name] [PLAYERS=40] [QUESTIONS=4]

Starts a Podium of three nodes, plays one game for each fault, with the fault in its second question, and compares what players were
told with the ledger, and that with totals, board and the stream of answers. Prints what players noticed, and writes the table
and a picture of all runs to artifacts/chaos. Exit code 1 when anything is wrong that must never be.

${faults.map(({ name, title }) => `  ${name.padEnd(24)} ${title}`).join('\n')}
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    fault: { type: 'string' },
    players: { type: 'string' },
    questions: { type: 'string' },
  },
})

const chosen = faults.filter(({ name }) => !values.fault || values.fault.split(',').includes(name))
const [players, questions] = [Number(values.players || 40), Number(values.questions || 4)]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const runAll = async (signal: AbortSignal): Promise<readonly Run[]> => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-chaos-'))
  say('Starting a Podium of three nodes …')
  const stack = await startStack({
    dir,
    nodes: 3,
    logLevel: 'warn',
    readyTimeoutMs: 60_000,
    // All players have one address.
    env: { RATE_ADDRESS: '1000000/1000000' },
    onEvent: (text) => say(`  ${text}`),
    signal,
  })
  const runs: Run[] = []
  const play = async (fault: Fault): Promise<Run> => {
    try {
      const played = await playUnder(stack, fault.inflict, { players, questions, timeLimitSeconds: 8, signal })
      for (const violation of played.violations) say(`  WRONG: ${violation}`)
      return { fault, played }
    } catch (error) {
      return { fault, played: undefined, error: error instanceof Error ? error.message : String(error) }
    }
  }
  try {
    for (const [index, fault] of chosen.entries()) {
      if (signal.aborted) break
      say(`\n${index + 1}/${chosen.length} ${fault.name}: ${fault.title}`)
      const run = await play(fault)
      runs.push(run)
      say(tableOf([run]).split('\n').at(-1) ?? '')
    }
  } finally {
    await stack.stop()
    const isWell = runs.every(({ played }) => played?.violations.length === 0)
    for (const part of isWell ? [''] : ['data', 'keys', 'pids']) {
      await rm(join(dir, part), { recursive: true, force: true, maxRetries: 5 })
    }
    if (!isWell) say(`The logs are in ${join(dir, 'logs', 'podium.log')}`)
  }
  return runs
}

if (values.help === true || chosen.length === 0 || !(players > 0) || !(questions > 1)) {
  process.stdout.write(USAGE)
  process.exitCode = values.help === true ? 0 : 2
} else {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort())
  const runs = await runAll(abort.signal)
  const folder = join(projectRoot, 'artifacts', 'chaos')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'table.md'), `${tableOf(runs)}\n`)
  writeFileSync(join(folder, 'timeline.svg'), pictureOf(runs))
  say(`\n${tableOf(runs)}\n\nartifacts/chaos has this table and a picture, timeline.svg.`)
  process.exitCode = runs.every(({ played }) => played?.violations.length === 0) ? 0 : 1
}
