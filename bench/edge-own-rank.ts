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

const USAGE = `Usage: node bench/edge-own-rank.ts [--players 1000,5000] [--every-ms 1000,70] [--batches 10,40] [--watched 500] [--cpu-prof]

So many WebSocket players of one session on one edge; batches change the score and the rank of every player. Prints the time
from the publication of each batch to the frame with the own rank in it of the players watched, who are spread over the whole
audience, and the edge's share of one core. The others have their own process, which stands still while the time is taken and reads
what came when it is over: on one machine their reading would be in the way of what is measured. What they got is checked all the
same. Batches a second apart find the edge at rest; those that come faster than its tick have to wait for it.
`

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '1000,5000' },
    'every-ms': { type: 'string', default: '1000,70' },
    batches: { type: 'string', default: '10,40' },
    watched: { type: 'string', default: '500' },
    'cpu-prof': { type: 'boolean', default: false },
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
  const edge = await startBenchEdge(values['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir=/tmp'] : [])
  const { session, board } = await edge.session()
  const everybody: { index: number; playerId: string; token: string }[] = []
  for (let index = 0; index < players; index++) {
    everybody.push({ index, ...(await edge.player(session.sessionId, index + 1)) })
  }
  const change = (batch: number): void =>
    board.set(...everybody.map(({ index, playerId }) => ({ playerId, score: scoreOf(index, batch, players) })))
  change(0)
  const baseVersion = EPOCH + 1

  const path = `/v1/sessions/${session.sessionId}`
  const step = Math.max(1, Math.round(players / Number(values.watched)))
  const start = async (isOurs: (index: number) => boolean): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'lib/own-rank-clients.ts'))
    const own = everybody.flatMap(({ index, token }) => (isOurs(index) ? [{ index, token }] : []))
    child.send({ port: edge.port, path, players, baseVersion, own } satisfies OwnRankTask)
    await hear(child)
    return child
  }
  const [watched, others] = await Promise.all([
    start((index) => index % step === 0),
    start((index) => index % step > 0),
  ])
  await sleep(3_000) // the last of the lobby and of the handshakes

  const publishedAt: number[] = []
  const phases: { from: number; everyMs: number; cpu: number }[] = []
  const counts = numbers(values.batches)
  const rates = numbers(values['every-ms']).map((everyMs, index) => ({ everyMs, batches: counts[index] ?? 10 }))
  for (const { everyMs, batches } of [{ everyMs: 500, batches: 10 }, ...rates]) {
    others.kill('SIGSTOP')
    const [from, cpuBefore, began] = [publishedAt.length, cpuMicros(edge.pid), monotonicMs()]
    for (let n = 0; n < batches; n++) {
      change(publishedAt.length + 1)
      publishedAt.push(monotonicMs())
      await sleep(Math.max(0, began + (n + 1) * everyMs - monotonicMs()))
    }
    const elapsedMs = monotonicMs() - began
    phases.push({ from, everyMs, cpu: (cpuMicros(edge.pid) - cpuBefore) / 1_000 / elapsedMs })
    await sleep(300)
    others.kill('SIGCONT')
    await sleep(1_500)
  }
  const [closely, ...loosely] = await Promise.all(
    [watched, others].map((child) => {
      child.send('report')
      return hear<OwnRankReport>(child)
    }),
  )
  const reports = closely === undefined ? [] : [closely, ...loosely]
  const sum = (key: 'frames' | 'wrong' | 'closed') => reports.reduce((total, report) => total + report[key], 0)
  const missing = reports
    .flatMap((report) => report.arrivals)
    .reduce((total, { length }) => total + publishedAt.length - length, 0)

  console.log(`\n${players} players, tick ${tickMs(players)} ms, ${sum('frames')} frames`)
  console.log(percentileHead)
  for (const [phase, { from, everyMs, cpu }] of phases.entries()) {
    if (phase === 0) continue // warms
    const to = phases[phase + 1]?.from ?? publishedAt.length
    const latencies = (closely?.arrivals ?? []).flatMap((times) =>
      times.slice(from, to).map((at, n) => at - (publishedAt[from + n] ?? Number.NaN)),
    )
    console.log(percentileLine(`${to - from} batches, one every ${everyMs} ms`, latencies))
    const late = latencies.filter((ms) => ms > tickMs(players)).length
    console.log(
      `  later than a tick: ${((100 * late) / latencies.length).toFixed(1)} %; edge ${(100 * cpu).toFixed(0)} % of a core`,
    )
  }
  console.log(`${missing} ranks did not arrive, ${sum('wrong')} were wrong, ${sum('closed')} players were closed`)
  for (const child of [watched, others]) child.disconnect()
  await edge.stop()
  return missing + sum('wrong') + sum('closed') === 0
}

console.log(environment())
let isGood = true
for (const players of numbers(values.players)) isGood = (await run(players)) && isGood
process.exit(isGood ? 0 : 1)
