import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { tickMs } from '../services/edge/src/domain/fan-out-tick.ts'
import { startBenchEdge } from './lib/edge.ts'
import { environment, percentileHead, percentileLine } from './lib/environment.ts'
import { monotonicMs, type OwnRankReport, type OwnRankTask, scoreOf } from './lib/own-rank-clients.ts'
import { cpuMicros } from './lib/process-figures.ts'

const USAGE = `Usage: node bench/edge-own-rank.ts [--players 1000,5000] [--batches 10] [--every-ms 1000,70] [--processes 1]

So many WebSocket players of one session on one edge; batches change the score and the rank of every player. Prints the time
from the publication of each batch to the frame with each player's own rank in it, and the edge's share of one core. Batches a
second apart find the edge at rest; those that come faster than its tick have to wait for it.
`

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '1000,5000' },
    batches: { type: 'string', default: '10' },
    'every-ms': { type: 'string', default: '1000,70' },
    processes: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const numbers = (text: string): number[] => text.split(',').map(Number)
/** The board of a test begins with epoch 1; the public version is epoch · 2^32 + version. */
const EPOCH = 2 ** 32

const hear = async <T>(child: ChildProcess): Promise<T> => {
  const [message] = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(60_000) }),
    once(child, 'exit').then(() => Promise.reject(new Error('a process of players ended'))),
  ])
  return message as T
}

const run = async (players: number): Promise<boolean> => {
  const edge = await startBenchEdge()
  const { session, board } = await edge.session()
  const everybody: { index: number; playerId: string; token: string }[] = []
  for (let index = 0; index < players; index++) {
    everybody.push({ index, ...(await edge.player(session.sessionId, index + 1)) })
  }
  const change = (batch: number): void =>
    board.set(...everybody.map(({ index, playerId }) => ({ playerId, score: scoreOf(index, batch, players) })))
  change(0)
  const baseVersion = EPOCH + 1

  const processes = Number(values.processes)
  const path = `/v1/sessions/${session.sessionId}`
  const children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'lib/own-rank-clients.ts')))
  await Promise.all(
    children.map((child, n) => {
      const own = everybody.flatMap(({ index, token }) => (index % processes === n ? [{ index, token }] : []))
      child.send({ port: edge.port, path, players, baseVersion, own } satisfies OwnRankTask)
      return hear(child)
    }),
  )
  await sleep(3_000) // the last of the lobby and of the handshakes

  const batches = Number(values.batches)
  const publishedAt: number[] = []
  const phases = []
  for (const everyMs of [1_000, ...numbers(values['every-ms'])]) {
    const [cpuBefore, began] = [cpuMicros(edge.pid), monotonicMs()]
    for (let n = 0; n < batches; n++) {
      change(publishedAt.length + 1)
      publishedAt.push(monotonicMs())
      await sleep(Math.max(0, began + (n + 1) * everyMs - monotonicMs()))
    }
    const elapsedMs = monotonicMs() - began
    phases.push({ everyMs, cpu: (cpuMicros(edge.pid) - cpuBefore) / 1_000 / elapsedMs })
    await sleep(1_000)
  }
  const reports = await Promise.all(
    children.map((child) => {
      child.send('report')
      return hear<OwnRankReport>(child)
    }),
  )
  const arrivals = reports.flatMap((report) => report.arrivals)
  const sum = (key: 'frames' | 'wrong' | 'closed') => reports.reduce((total, report) => total + report[key], 0)
  const missing = arrivals.reduce((total, { length }) => total + publishedAt.length - length, 0)

  console.log(`\n${players} players, tick ${tickMs(players)} ms, ${sum('frames')} frames`)
  console.log(percentileHead)
  for (const [phase, { everyMs, cpu }] of phases.entries()) {
    if (phase === 0) continue // warms
    const [from, to] = [phase * batches, (phase + 1) * batches]
    const latencies = arrivals.flatMap((times) =>
      times.slice(from, to).map((at, n) => at - (publishedAt[from + n] ?? Number.NaN)),
    )
    console.log(percentileLine(`${batches} batches, one every ${everyMs} ms`, latencies))
    const late = latencies.filter((ms) => ms > tickMs(players)).length
    console.log(
      `  later than a tick: ${((100 * late) / latencies.length).toFixed(1)} %; edge ${(100 * cpu).toFixed(0)} % of a core`,
    )
  }
  console.log(`${missing} ranks did not arrive, ${sum('wrong')} were wrong, ${sum('closed')} players were closed`)
  for (const child of children) child.disconnect()
  await edge.stop()
  return missing + sum('wrong') + sum('closed') === 0
}

console.log(environment())
let isGood = true
for (const players of numbers(values.players)) isGood = (await run(players)) && isGood
process.exit(isGood ? 0 : 1)
