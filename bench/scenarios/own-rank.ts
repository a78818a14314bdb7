import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tickMs } from '../../services/edge/streams/fan-out.ts'
import { type OwnRankReport, type OwnRankTask, scoreOf } from '../generators/own-rank-clients.ts'
import { type Child, startChild } from '../lib/child.ts'
import { monotonicMs } from '../lib/clock.ts'
import { startBenchEdge } from '../lib/edge.ts'
import { type Latencies, latenciesOf } from '../lib/latencies.ts'
import { cpuMicros } from '../lib/process-figures.ts'
import { defineScenario, type Figure, judge, type ScenarioContext } from '../lib/scenario.ts'

type Context = ScenarioContext<'players' | 'every' | 'batches' | 'watched'>

/** The board of a test begins with epoch 1; the public version is epoch · 2^32 + version. */
const EPOCH = 2 ** 32
const WARM = { everyMs: 500, batches: 6 } as const
/** The last of the lobby and of the handshakes. */
const LOBBY_MS = 3_000
/** A frame leaves within a tick; what is left after that is the machine's. */
const SHARE_LATE = 0.01

interface Phase {
  readonly everyMs: number
  readonly latencies: Latencies
  /** Share of one core. */
  readonly cpu: number
  /** Share of the ranks that came later than a tick. */
  readonly late: number
}

interface Played {
  readonly phases: readonly Phase[]
  readonly missing: number
  readonly wrong: number
  readonly closed: number
}

const numbers = (text: string): number[] => text.split(',').map(Number)

const play = async ({ options, defer }: Context, players: number): Promise<Played> => {
  const edge = await startBenchEdge()
  defer(edge.stop)
  const { session, board } = await edge.session()
  const everybody: { index: number; playerId: string; token: string }[] = []
  for (let index = 0; index < players; index++) {
    everybody.push({ index, ...(await edge.player(session.sessionId, index + 1)) })
  }
  const change = (batch: number): void =>
    board.set(...everybody.map(({ index, playerId }) => ({ playerId, score: scoreOf(index, batch, players) })))
  change(0)
  const path = `/v1/sessions/${session.sessionId}`
  const step = Math.max(1, Math.round(players / Number(options.watched)))
  const start = async (isOurs: (index: number) => boolean): Promise<Child> => {
    const child = startChild(join(import.meta.dirname, '..', 'generators/own-rank-clients.ts'))
    defer(child.stop)
    const own = everybody.flatMap(({ index, token }) => (isOurs(index) ? [{ index, token }] : []))
    await child.ask({ port: edge.port, path, players, baseVersion: EPOCH + 1, own } satisfies OwnRankTask)
    return child
  }
  const children = await Promise.all([start((index) => index % step === 0), start((index) => index % step > 0)])
  const [watched, others] = children
  await sleep(LOBBY_MS)

  const publishedAt: number[] = []
  const runs: { from: number; to: number; everyMs: number; cpu: number }[] = []
  const counts = numbers(options.batches)
  const rates = numbers(options.every).map((everyMs, index) => ({ everyMs, batches: counts[index] ?? 10 }))
  for (const { everyMs, batches } of [WARM, ...rates]) {
    // Their reading would be in the way; what they got is checked when the time has been taken.
    process.kill(others.pid, 'SIGSTOP')
    const [from, cpuBefore, began] = [publishedAt.length, cpuMicros(edge.pid), monotonicMs()]
    for (let n = 0; n < batches; n++) {
      change(publishedAt.length + 1)
      publishedAt.push(monotonicMs())
      await sleep(Math.max(0, began + (n + 1) * everyMs - monotonicMs()))
    }
    const cpu = (cpuMicros(edge.pid) - cpuBefore) / 1_000 / (monotonicMs() - began)
    await sleep(300)
    process.kill(others.pid, 'SIGCONT')
    runs.push({ from, to: publishedAt.length, everyMs, cpu })
    await sleep(1_500)
  }
  const reports = await Promise.all(children.map((child) => child.ask<OwnRankReport>('report')))
  await Promise.all([watched.stop(), others.stop(), edge.stop()])

  const sum = (key: 'wrong' | 'closed') => reports.reduce((total, report) => total + report[key], 0)
  const arrivals = reports.flatMap((report) => report.arrivals)
  const phases = runs.slice(1).map(({ from, to, everyMs, cpu }): Phase => {
    const all = (reports[0]?.arrivals ?? []).flatMap((times) =>
      times.slice(from, to).map((at, n) => at - (publishedAt[from + n] ?? Number.NaN)),
    )
    const late = all.filter((ms) => ms > tickMs(players)).length / all.length
    return { everyMs, latencies: latenciesOf(all), cpu, late }
  })
  return {
    phases,
    missing: arrivals.reduce((total, { length }) => total + publishedAt.length - length, 0),
    wrong: sum('wrong'),
    closed: sum('closed'),
  }
}

export const scenario = defineScenario({
  name: 'own-rank',
  summary: 'time from a change of the board to the own rank of every player on one edge',
  seconds: 45,
  options: {
    players: { help: 'players of the session, several sizes', default: '1000,5000', quick: '500' },
    every: { help: 'milliseconds between two batches, several rates', default: '1000,70' },
    batches: { help: 'batches at each rate', default: '6,40', quick: '3,10' },
    watched: { help: 'players whose time is taken, spread over all', default: '500' },
  },
  run: async (context) => {
    const figures: Figure[] = []
    const rows = []
    const series = []
    const checks = []
    for (const players of numbers(context.options.players)) {
      const { phases, missing, wrong, closed } = await play(context, players)
      const tick = tickMs(players)
      for (const { everyMs, latencies, cpu, late } of phases) {
        const name = `${players} players, a batch every ${everyMs} ms`
        context.progress(`${name}: p99 ${latencies.percentile(99).toFixed(1)} ms, tick ${tick} ms`)
        figures.push(
          {
            name: `${name}: p99`,
            unit: 'ms',
            value: latencies.percentile(99),
            goal: { direction: 'at most', value: tick },
          },
          {
            name: `${name}: later than a tick`,
            unit: '%',
            value: late * 100,
            goal: { direction: 'at most', value: SHARE_LATE * 100 },
          },
          { name: `${name}: edge, share of a core`, unit: '%', value: cpu * 100 },
        )
        rows.push(latencies.row(`${name}: change → own rank`))
        series.push(latencies.curve(name))
      }
      checks.push({
        sentence: `${players} players: ${missing} ranks did not arrive, ${wrong} were wrong, ${closed} players were closed`,
        holds: missing + wrong + closed === 0,
      })
    }
    return {
      verdict: judge(checks),
      figures,
      latencies: rows,
      charts: [
        {
          kind: 'lines',
          title: 'Change of the board to the own rank',
          x: { label: 'Percentile', unit: '%', scale: 'percentile' },
          y: { label: 'Latency', unit: 'ms' },
          series,
        },
      ],
      notes: [
        'Every batch changes the score and the rank of every player. The players whose time is not taken have a process of their own, which stands still meanwhile and is checked afterwards.',
      ],
    }
  },
})
