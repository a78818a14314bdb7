import { startReceiver } from '../../deploy/local/otlp/receiver.ts'
import { spansOf } from '../../deploy/local/otlp/spans.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { createCrowds, verifyChecks, watchBacklog } from '../lib/crowd.ts'
import type { CpuTimes } from '../lib/processes.ts'
import { cpuChart, defineScenario, judge, type ScenarioContext } from '../lib/scenario.ts'
import { median, summarize, sumOf } from '../lib/statistics.ts'
import { answerQuestion } from '../workloads/closed-loop.ts'

type Context = ScenarioContext<'players' | 'rounds' | 'connections'>

/** Questions before those that count: it takes some thousand answers until the code of every process is compiled. */
const WARMING = 3

const MODES = [
  { name: 'off', ratio: undefined },
  { name: '1 %', ratio: 0.01 },
  { name: '100 %', ratio: 1 },
] as const

/** The parts of a stack that telemetry is in. */
const OURS = ['edge', 'session', 'evaluator', 'scorer', 'leaderboard']

/** CPU time of each service as it says itself, microseconds. What the system shows of a process is rounded to 10 ms. */
const servicesCpu = async ({ processes }: Stack): Promise<CpuTimes> => {
  const services = processes.filter(({ healthUrl }) => healthUrl !== undefined)
  const times = services.map(async ({ name, healthUrl }) => {
    const page = await (await fetch(`${healthUrl}/metrics`)).text()
    const seconds = [...page.matchAll(/^process_cpu_time_seconds_total\{.*\} (\S+)$/gm)].map(([, value]) =>
      Number(value),
    )
    return [name, sumOf(seconds) * 1e6] as const
  })
  return Object.fromEntries(await Promise.all(times))
}

const startSide = async (context: Context, mode: (typeof MODES)[number], endpoint: string) => {
  const { players, rounds, connections } = context.numbers
  const env =
    mode.ratio === undefined
      ? {}
      : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: String(mode.ratio) }
  const stack = await context.stack({ env })
  const { crowds, close } = await createCrowds(stack, [players], WARMING + rounds)
  const backlog = await watchBacklog(stack)
  context.defer(() => Promise.all([close(), backlog.close()]))
  context.progress(`telemetry ${mode.name}: ${players} players`)
  const port = Number(new URL(stack.urls.edge).port)
  const [micros, parts]: [number[], Record<string, number>[]] = [[], []]
  return { mode, stack, crowds, backlog, port, connections, cpu: () => servicesCpu(stack), accepted: 0, micros, parts }
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
    const sender = context.start('generators/sender.ts', { isGenerator: true })
    const sides: Awaited<ReturnType<typeof startSide>>[] = []
    for (const mode of MODES) sides.push(await startSide(context, mode, receiver.url))

    const { rounds } = context.numbers
    for (let round = 1 - WARMING; round <= rounds; round++) {
      // In another order each time, so that none of them always comes first.
      for (const side of [...sides.slice((round + WARMING) % 3), ...sides.slice(0, (round + WARMING) % 3)]) {
        const { accepted, cpu } = await answerQuestion(sender, side)
        side.accepted += accepted
        if (round < 1) continue
        const parts = Object.fromEntries(OURS.map((name) => [name, cpu[name] ?? 0]))
        side.parts.push(parts)
        side.micros.push(sumOf(Object.values(parts)))
      }
      context.progress(
        `round ${round} of ${rounds}: ${sides.map(({ micros }) => micros.at(-1)?.toFixed(1)).join(', ')} µs`,
      )
    }
    const [off] = sides
    const checks = []
    for (const { stack, crowds, accepted } of sides) {
      const ids = crowds.map(({ sessionId }) => sessionId)
      checks.push(...(await verifyChecks(stack, ids, accepted)))
    }
    const more = (side: (typeof sides)[number]) =>
      side.micros.map((micros, round) => micros - (off?.micros[round] ?? Number.NaN))
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
        cpuChart(
          'CPU time per answer by process, telemetry off, 1 % and 100 %',
          'answer',
          sides.map(({ mode, parts }) => ({
            name: mode.name,
            parts: OURS.map((name) => ({ name, value: median(parts.map((each) => each[name] ?? 0)) })),
          })),
        ),
      ],
      notes: [
        'Three stacks run side by side and are measured one after the other in every round.',
        'Metrics are kept in all three; off means that nothing is sent and nothing traced.',
        'The spans of one round may be sent after it; those waits are the same in every round.',
      ],
    }
  },
})
