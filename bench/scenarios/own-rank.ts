import { setTimeout as sleep } from 'node:timers/promises'
import { tickMs } from '../../services/edge/streams/fan-out.ts'
import type { WatchedBoards } from '../generators/watchers.ts'
import { startBenchEdge } from '../lib/edge.ts'
import { cpuMicros } from '../lib/processes.ts'
import { defineScenario, type Figure, judge, latencyChart, type ScenarioContext } from '../lib/scenario.ts'
import { type Latencies, latenciesOf, monotonicMs } from '../lib/statistics.ts'
import { openAudience } from '../workloads/audience.ts'

type Context = ScenarioContext<'players' | 'every' | 'batches' | 'watched'>

/** The board of a test begins with epoch 1; the public version is epoch · 2^32 + version. Before the first batch: */
const BASE_VERSION = 2 ** 32 + 1
const WARM = { everyMs: 500, batches: 6 } as const
/** The last of the lobby and of the handshakes. */
const LOBBY_MS = 3_000
/** A frame leaves within a tick; what is left after that is the machine's. */
const SHARE_LATE = 0.01

/** Every batch gives every player another score and another place. */
const place = (index: number, batch: number, players: number): number => (index * 7_919 + batch * 104_729) % players
const scoreOf = (index: number, batch: number, players: number): number => batch * 10_000 + place(index, batch, players)
const rankOf = (index: number, batch: number, players: number): number => players - place(index, batch, players)

interface Phase {
  readonly everyMs: number
  readonly latencies: Latencies
  /** Share of one core. */
  readonly cpu: number
  /** Share of the ranks that came later than a tick. */
  readonly late: number
}

const numbers = (text: string): number[] => text.split(',').map(Number)

/** When each batch after the first `from`, or a newer one, was at a player; and the frames with another rank or score than theirs. */
const arrivalsOf = (boards: WatchedBoards, index: number, from: number, players: number) => {
  const at: number[] = []
  let wrong = 0
  for (const [n, version] of boards.versions.entries()) {
    const batch = version - BASE_VERSION
    const isRight =
      boards.ranks[n] === rankOf(index, batch, players) && boards.scores[n] === scoreOf(index, batch, players)
    if (!isRight) wrong += 1
    // Newest state replaces older state: a frame stands for the batches that it skipped, too.
    else while (from + at.length < batch) at.push(boards.at[n] ?? Number.NaN)
  }
  return { at, wrong }
}

const play = async (context: Context, players: number) => {
  const { options, defer } = context
  const edge = await startBenchEdge()
  defer(edge.stop)
  const { session, board } = await edge.session()
  const all: { playerId: string; token: string }[] = []
  for (let index = 0; index < players; index++) all.push(await edge.player(session.sessionId, index + 1))
  const change = (batch: number): void =>
    board.set(...all.map(({ playerId }, index) => ({ playerId, score: scoreOf(index, batch, players) })))
  change(0)
  const path = `/v1/sessions/${session.sessionId}/ws`
  const streams = all.map(({ token }) => ({ path, token }))
  const audience = await openAudience(context, { port: edge.port, feed: 'podium', streams }, context.numbers.watched)
  await sleep(LOBBY_MS)

  let [published, missing, wrong, closed] = [0, 0, 0, 0]
  const phases: Phase[] = []
  const counts = numbers(options.batches)
  const rates = numbers(options.every).map((everyMs, index) => ({ everyMs, batches: counts[index] ?? 10 }))
  for (const { everyMs, batches } of [WARM, ...rates]) {
    await audience.startRound()
    audience.suspend()
    const [from, cpuBefore, began] = [published, cpuMicros(edge.pid), monotonicMs()]
    const publishedAt: number[] = []
    for (let n = 1; n <= batches; n++) {
      change(++published)
      publishedAt.push(monotonicMs())
      await sleep(Math.max(0, began + n * everyMs - monotonicMs()))
    }
    const cpu = (cpuMicros(edge.pid) - cpuBefore) / 1_000 / (monotonicMs() - began)
    const { watched, others, closed: gone } = await audience.settle(() => true)
    const ms: number[] = []
    for (let index = 0, other = 0; index < players; index++) {
      const own = audience.placeOf(index)
      const boards = own === undefined ? others.boards[other++] : watched.boards[own]
      if (boards === undefined) continue
      const arrivals = arrivalsOf(boards, index, from, players)
      missing += batches - arrivals.at.length
      wrong += arrivals.wrong
      if (own !== undefined) ms.push(...arrivals.at.map((at, n) => at - (publishedAt[n] ?? Number.NaN)))
    }
    closed = gone
    const late = ms.filter((each) => each > tickMs(players)).length / ms.length
    if (from > 0) phases.push({ everyMs, latencies: latenciesOf(ms), cpu, late })
  }
  await Promise.all([audience.stop(), edge.stop()])
  return { phases, missing, wrong, closed }
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
      charts: [latencyChart('Change of the board to the own rank', series, 'linear')],
      notes: [
        'Every batch changes the score and the rank of every player. The players whose time is not taken have a process of their own, which is suspended meanwhile and checked afterwards.',
      ],
    }
  },
})
