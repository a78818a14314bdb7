import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newAnswerId } from '#client'
import { startReceiver } from '../../deploy/local/otlp/receiver.ts'
import { spansOf } from '../../deploy/local/otlp/spans.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import type { HttpLoadReport, HttpLoadRequest } from '../generators/http-load.ts'
import { startChild } from '../lib/child.ts'
import { type Crowd, createCrowd, ledgerChecks, openNextQuestion, RIGHT_CHOICE } from '../lib/crowd.ts'
import { type LedgerWatch, watchLedger } from '../lib/ledger-watch.ts'
import { defineScenario, judge, type ScenarioContext } from '../lib/scenario.ts'
import { type CpuTimes, cpuBetween } from '../lib/stack-cpu.ts'
import { median, summarize } from '../lib/statistics.ts'

/** What the last answers still cost after they are in the ledger: boards, their frames, and spans that wait to be sent. */
const REST_MS = 300

/** Questions before those that count: it takes some thousand answers until the code of every process is compiled. */
const WARMING = 3

const MODES = [
  { name: 'off', ratio: undefined },
  { name: '1 %', ratio: 0.01 },
  { name: '100 %', ratio: 1 },
] as const

/** The parts of a stack that telemetry is in. */
const OURS = ['edge', 'session', 'evaluator', 'scorer', 'leaderboard']

interface Side {
  readonly mode: (typeof MODES)[number]
  readonly stack: Stack
  readonly crowd: Crowd
  readonly ledger: LedgerWatch
  accepted: number
  readonly micros: number[]
  readonly parts: Record<string, number>[]
}

/** CPU time of each service as it says itself, microseconds. What the system shows of a process is rounded to 10 ms. */
const servicesCpu = async ({ processes }: Stack): Promise<CpuTimes> => {
  const services = processes.filter(({ healthUrl }) => healthUrl !== undefined)
  const times = services.map(async ({ name, healthUrl }) => {
    const page = await (await fetch(`${healthUrl}/metrics`)).text()
    const seconds = [...page.matchAll(/^process_cpu_time_seconds_total\{.*\} (\S+)$/gm)].map(([, value]) =>
      Number(value),
    )
    return [name, seconds.reduce((sum, each) => sum + each, 0) * 1e6] as const
  })
  return Object.fromEntries(await Promise.all(times))
}

const requestsOf = async ({ crowd }: Side, connections: number): Promise<HttpLoadRequest[][]> => {
  const { questionId } = await openNextQuestion(crowd)
  const lists = Array.from({ length: connections }, (): HttpLoadRequest[] => [])
  for (const [index, { token }] of crowd.players.entries()) {
    const body = JSON.stringify({ answerId: newAnswerId(), questionId, choice: RIGHT_CHOICE })
    lists[index % connections]?.push({ path: `/v1/sessions/${crowd.sessionId}/answers`, token, body })
  }
  return lists
}

const startSide = async (context: ScenarioContext, mode: Side['mode'], endpoint: string): Promise<Side> => {
  const env =
    mode.ratio === undefined
      ? {}
      : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: String(mode.ratio) }
  const stack = await context.stack({ env })
  const ledger = await watchLedger(stack.urls.postgres)
  context.defer(ledger.close)
  const [players, rounds] = [Number(context.options.players), Number(context.options.rounds)]
  const crowd = await createCrowd(stack, { players, questions: WARMING + rounds, closeWhenAllAnswered: false })
  context.progress(`telemetry ${mode.name}: ${players} players`)
  return { mode, stack, crowd, ledger, accepted: 0, micros: [], parts: [] }
}

export const scenario = defineScenario({
  name: 'telemetry',
  summary: 'CPU per answer without telemetry, with one trace in a hundred, and with all of them, in turns',
  seconds: 100,
  onlyByName: true,
  options: {
    players: {
      help: 'players of the one session of each stack; every round has one answer of each',
      default: '3000',
      quick: '500',
    },
    rounds: { help: 'questions that count', default: '9', quick: '3' },
    connections: { help: 'connections, one request at a time on each', default: '50' },
  },
  run: async (context) => {
    let spans = 0
    const receiver = await startReceiver({
      onExport: (signal, json) => {
        if (signal === 'traces') spans += spansOf(json).length
      },
    })
    context.defer(receiver.close)
    const load = startChild(join(import.meta.dirname, '..', 'generators/http-load.ts'))
    context.defer(() => load.stop())
    context.pinGenerator(load.pid)
    const sides: Side[] = []
    for (const mode of MODES) sides.push(await startSide(context, mode, receiver.url))

    const rounds = Number(context.options.rounds)
    for (let round = 1 - WARMING; round <= rounds; round++) {
      // In another order each time, so that none of them always comes first.
      for (const side of [...sides.slice((round + WARMING) % 3), ...sides.slice(0, (round + WARMING) % 3)]) {
        const requests = await requestsOf(side, Number(context.options.connections))
        const before = await servicesCpu(side.stack)
        const { answers } = await load.ask<HttpLoadReport>({ url: side.stack.urls.edge, requests })
        const count = answers['202'] ?? 0
        side.accepted += count
        await side.ledger.reaches(side.accepted)
        await sleep(REST_MS)
        const cpu = cpuBetween(before, await servicesCpu(side.stack))
        const parts = Object.fromEntries(OURS.map((name) => [name, (cpu[name] ?? 0) / count]))
        if (round < 1) continue
        side.parts.push(parts)
        side.micros.push(Object.values(parts).reduce((sum, each) => sum + each, 0))
      }
      context.progress(
        `round ${round} of ${rounds}: ${sides.map(({ micros }) => micros.at(-1)?.toFixed(1)).join(', ')} µs`,
      )
    }
    const [off] = sides
    const checks = []
    for (const { stack, crowd, accepted } of sides)
      checks.push(...(await ledgerChecks(stack, crowd.sessionId, accepted)))
    const more = (side: Side) => side.micros.map((micros, round) => micros - (off?.micros[round] ?? Number.NaN))
    return {
      verdict: judge([{ sentence: `traces arrived: ${spans} spans`, holds: spans > 0 }, ...checks]),
      figures: sides.flatMap((side) => [
        { name: `CPU per answer of our processes, telemetry ${side.mode.name}`, unit: 'µs', ...summarize(side.micros) },
        ...(side === off
          ? []
          : [
              { name: `telemetry ${side.mode.name}, more than off`, unit: 'µs', ...summarize(more(side)) },
              {
                name: `telemetry ${side.mode.name}, more than off`,
                unit: '%',
                value: (median(more(side)) / median(off?.micros ?? [])) * 100,
              },
            ]),
      ]),
      charts: [
        {
          kind: 'bars',
          title: 'CPU time per answer by process, telemetry off, 1 % and 100 %',
          value: { label: 'CPU per answer', unit: 'µs' },
          groups: sides.map(({ mode, parts }) => ({
            name: mode.name,
            parts: OURS.map((name) => ({ name, value: median(parts.map((each) => each[name] ?? 0)) })),
          })),
        },
      ],
      notes: [
        'Three stacks run side by side and are measured one after the other in every round.',
        'Metrics are kept in all three; off means that nothing is sent and nothing traced.',
        'The spans of one round may be sent after it; those waits are the same in every round.',
      ],
    }
  },
})
