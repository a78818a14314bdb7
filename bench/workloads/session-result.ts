import { createLatencies, type Latencies } from '../lib/latencies.ts'
import { type Chart, type Figure, type Goal, generatorCheck, type LatencyRow } from '../lib/scenario.ts'
import { median, summarize } from '../lib/statistics.ts'
import type { RoundFigures } from './session-round.ts'

/** What the rounds on one target add up to. */
export interface SessionSummary {
  readonly name: string
  readonly figures: readonly Figure[]
  readonly latencies: readonly LatencyRow[]
  readonly curves: readonly { readonly name: string; readonly latencies: Latencies }[]
  /** CPU per answer by process, microseconds. */
  readonly cpu: readonly { readonly name: string; readonly value: number }[]
  readonly checks: readonly { readonly sentence: string; readonly holds: boolean }[]
  readonly acceptedCount: number
  /** Bytes of a board as a client gets it, and of an answer. */
  readonly payloads: Readonly<Record<string, number>>
}

export interface SessionGoals {
  readonly acceptedP99?: Goal
  readonly visibleP99?: Goal
}

type Timed = 'accepted' | 'own' | 'visible' | 'lag'

export const summarizeRounds = (
  name: string,
  rounds: readonly RoundFigures[],
  goals: SessionGoals = {},
): SessionSummary => {
  const sum = (pick: (round: RoundFigures) => number): number => rounds.reduce((total, round) => total + pick(round), 0)
  const merged = (what: Timed): Latencies => {
    const all = createLatencies()
    for (const round of rounds) all.merge(round[what].encode())
    return all
  }
  const [accepted, own, visible, lag] = (['accepted', 'own', 'visible', 'lag'] as const).map(merged) as [
    Latencies,
    Latencies,
    Latencies,
    Latencies,
  ]
  const percentile = (what: Timed, percent: number, goal?: Goal): Figure => ({
    name: `${name}: ${what}, p${percent}`,
    unit: 'ms',
    ...summarize(rounds.map((round) => round[what].percentile(percent))),
    ...(goal === undefined ? {} : { goal }),
  })
  const processes = [...new Set(rounds.flatMap(({ cpu }) => Object.keys(cpu)))]
  const cpu = processes.map((process) => ({
    name: process,
    value: median(rounds.map((round) => (round.cpu[process] ?? 0) / round.acceptedCount)),
  }))
  const sent = sum((round) => round.sent)
  const acceptedCount = sum((round) => round.acceptedCount)
  const refused = rounds.flatMap((round) => Object.entries(round.refused)).map(([why, count]) => `${count} × ${why}`)
  return {
    name,
    figures: [
      percentile('accepted', 50),
      percentile('accepted', 99, goals.acceptedP99),
      percentile('own', 99),
      percentile('visible', 50),
      percentile('visible', 99, goals.visibleP99),
      {
        name: `${name}: CPU per answer and its fan-out, all processes`,
        unit: 'µs',
        ...summarize(
          rounds.map(
            (round) => Object.values(round.cpu).reduce((total, each) => total + each, 0) / round.acceptedCount,
          ),
        ),
      },
      {
        name: `${name}: first answer to last acceptance`,
        unit: 's',
        ...summarize(rounds.map(({ seconds }) => seconds)),
      },
    ],
    latencies: [
      accepted.row(`${name}: answer → accepted`),
      own.row(`${name}: answer → own score`),
      visible.row(`${name}: answer → on another client's board`),
      lag.row(`${name}: generator later than intended`),
    ],
    curves: [
      { name: `${name} accepted`, latencies: accepted },
      { name: `${name} visible`, latencies: visible },
    ],
    cpu,
    checks: [
      {
        sentence: `${name}: ${sent} answers sent, ${acceptedCount} accepted${refused.length > 0 ? `, refused: ${refused.join(', ')}` : ''}`,
        holds: sent === acceptedCount,
      },
      {
        sentence: `${name}: every accepted answer showed on its own and on another client's board (${sum((round) => round.unseen)} did not)`,
        holds: sum((round) => round.unseen) === 0,
      },
      {
        sentence: `${name}: no board went back, no client was closed`,
        holds: rounds.every(({ watch }) => watch.backwards === 0 && watch.closed === 0),
      },
      generatorCheck(lag.percentile(99)),
    ],
    acceptedCount,
    payloads: {
      [`${name}: answer, HTTP body`]: rounds[0]?.bodyBytes ?? 0,
      [`${name}: message to a client`]: Math.round(
        sum(({ watch }) => watch.bytes) /
          Math.max(
            1,
            sum(({ watch }) => watch.frames),
          ),
      ),
    },
  }
}

export const sessionCharts = (players: number, summaries: readonly SessionSummary[]): readonly Chart[] => [
  {
    kind: 'lines',
    title: `${players} players answer within two seconds`,
    x: { label: 'Percentile', unit: '%', scale: 'percentile' },
    y: { label: 'Latency', unit: 'ms', scale: 'log' },
    series: summaries.flatMap(({ curves }) => curves.map(({ name, latencies }) => latencies.curve(name))),
  },
  {
    kind: 'bars',
    title: 'CPU time per answer, with its share of the fan-out',
    value: { label: 'CPU per answer', unit: 'µs' },
    groups: summaries.map(({ name, cpu }) => ({ name, parts: cpu })),
  },
]
