import {
  type Chart,
  type Figure,
  GENERATOR_LAG_LIMIT_MS,
  judge,
  type LatencyRow,
  type ScenarioResult,
} from '../lib/scenario.ts'
import type { LedgerCheck } from './ledger.ts'
import { cpuPerAnswer, keepsUp, type Step, type Steps, totalPerAnswer } from './steps.ts'

/** Goals on two cores, everything and the generator on them. */
const PER_SECOND_GOAL = 40_000
const CPU_GOAL = 45
const ACCEPTED_GOAL_MS = 10
/** Beyond the tick of the board. */
const VISIBLE_GOAL_MS = 25

export const describeSteps = (steps: Steps, ledger: LedgerCheck, tickMs: number): ScenarioResult => {
  const { warmed, growing, knee, quoted } = steps
  const [half] = quoted
  const all = [...growing, ...quoted]
  // Beyond the knee the generator's connections are taken and the machine is: late then means nothing.
  const kept = [...growing.filter(keepsUp), ...quoted]
  const best = growing.reduce((most, step) => (step.wave.perSecond > most.wave.perSecond ? step : most))
  const accepted = all.reduce((sum, { wave }) => sum + wave.accepted, warmed)
  const lost = all.reduce((sum, { wave }) => sum + wave.unanswered, 0)
  const unseen = quoted.reduce((sum, { wave }) => sum + wave.unseen, 0)
  const lag = Math.max(...kept.map(({ wave }) => wave.latencies.lag.percentile(99)))
  return {
    verdict: judge([
      {
        sentence: `${accepted} answers were accepted and ${ledger.rows} are in the ledger`,
        holds: accepted === ledger.rows,
      },
      {
        sentence: `${ledger.verified} sessions folded again are what totals, boards and the stream of answers say`,
        holds: ledger.different === 0,
      },
      { sentence: `every answer got a reply (${lost} did not)`, holds: lost === 0 },
      { sentence: `every score of a watched player was seen (${unseen} were not)`, holds: unseen === 0 },
      {
        sentence: `the generator sent on time up to the knee: lag p99 ${lag.toFixed(2)} ms`,
        holds: lag <= GENERATOR_LAG_LIMIT_MS,
      },
    ]),
    figures: [
      figure('answers end to end', '1/s', best.wave.perSecond, { direction: 'at least', value: PER_SECOND_GOAL }),
      figure('knee', '1/s', knee),
      figure(`CPU per answer at ${best.name}`, 'µs', totalPerAnswer(best), { direction: 'at most', value: CPU_GOAL }),
      ...Object.entries(cpuPerAnswer(best)).map(([name, micros]) => figure(`CPU per answer, ${name}`, 'µs', micros)),
      figure('CPU per answer, generator', 'µs', best.wave.cpuMicros / best.wave.accepted),
      ...(half === undefined ? [] : latencyFigures(half, tickMs)),
    ],
    latencies: quoted.flatMap(rows),
    charts: charts(growing, quoted),
    notes: [
      `The knee is the highest rate of which nine tenths or more were on their boards when the last was, and p99 accepted within 250 ms.`,
      `Boards of the watched sessions are sent every ${tickMs} ms at the most. Latencies begin at the intended sending time.`,
    ],
  }
}

const figure = (name: string, unit: string, value: number, goal?: Figure['goal']): Figure => ({
  name,
  unit,
  value,
  ...(goal !== undefined && { goal }),
})

const latencyFigures = ({ wave }: Step, tickMs: number): Figure[] => [
  figure('accepted p99 at half the knee', 'ms', wave.latencies.accepted.percentile(99), {
    direction: 'at most',
    value: ACCEPTED_GOAL_MS,
  }),
  figure('own score p99 at half the knee', 'ms', wave.latencies.ownScore.percentile(99)),
  figure('visible to another client p99 at half the knee', 'ms', wave.latencies.visible.percentile(99), {
    direction: 'at most',
    value: tickMs + VISIBLE_GOAL_MS,
  }),
]

const rows = ({ name, wave: { latencies } }: Step): LatencyRow[] => [
  latencies.accepted.row(`${name}: accepted`),
  latencies.ownScore.row(`${name}: own score`),
  latencies.visible.row(`${name}: visible to another`),
]

const charts = (growing: readonly Step[], quoted: readonly Step[]): Chart[] => [
  {
    kind: 'lines',
    title: 'Rate against time until accepted',
    x: { label: 'intended rate', unit: '1/s' },
    y: { label: 'accepted', unit: 'ms', scale: 'log' },
    series: [50, 99].map((percent) => ({
      name: `p${percent}`,
      points: growing.map(({ rate = 0, wave }) => [rate, wave.latencies.accepted.percentile(percent)] as const),
    })),
  },
  {
    kind: 'lines',
    title: 'Latencies by percentile',
    x: { label: 'percentile', unit: '%', scale: 'percentile' },
    y: { label: 'latency', unit: 'ms', scale: 'log' },
    series: quoted.flatMap(({ name, wave: { latencies } }) => [
      latencies.accepted.curve(`${name}: accepted`),
      latencies.visible.curve(`${name}: visible`),
    ]),
  },
  {
    kind: 'bars',
    title: 'CPU per answer by process',
    value: { label: 'CPU', unit: 'µs' },
    groups: growing.map((step) => ({
      name: step.name,
      parts: Object.entries(cpuPerAnswer(step)).map(([name, value]) => ({ name, value })),
    })),
  },
]
