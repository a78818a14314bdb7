import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startBenchEdge } from './lib/edge.ts'
import { environment } from './lib/environment.ts'
import { forEachOf } from './lib/pool.ts'
import { cpuMicros } from './lib/process-figures.ts'
import { countFrames, doze, openRawStream, type Protocol, type RawStream } from './lib/raw-stream.ts'

const USAGE = `Usage: node bench/edge-fan-out.ts [--players 2000] [--rounds 3] [--seconds 5] [--cpu-prof]

CPU time of one edge process per delivered board, each player with the own rank and score, over WebSocket and SSE, next to a
uWebSockets.js loop that writes as many bytes to as many connections in slices of the same size and does nothing else; in turns,
all in one run, after a round that does not count. The readers sleep most of the time, so that waking them is not measured.
`

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    'cpu-prof': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const players = Number(values.players)
const seconds = Number(values.seconds)
const PROTOCOLS: readonly Protocol[] = ['ws', 'sse']

console.log(environment())
const edge = await startBenchEdge(values['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir=/tmp'] : [])
const raw = fork(fileURLToPath(new URL('./lib/raw-fan-out.ts', import.meta.url)))
const [{ port: rawPort }] = (await once(raw, 'message')) as [{ port: number }]

/** One session per protocol, so that only one of them has something to tell at a time. */
const prepare = async (protocol: Protocol) => {
  const { session, board } = await edge.session()
  const path = `/v1/sessions/${session.sessionId}`
  const ids: string[] = []
  const ours: RawStream[] = []
  const theirs: RawStream[] = []
  const open = async (index: number): Promise<void> => {
    const { playerId, token } = await edge.player(session.sessionId, index + 1)
    ids[index] = playerId
    board.set({ playerId, joinOrder: index + 1 })
    ours.push(await openRawStream({ port: edge.port, protocol, path, token }))
    theirs.push(await openRawStream({ port: rawPort, protocol, path: '/raw', token: 'none' }))
  }
  await forEachOf([...Array(players).keys()], 100, open)
  const change = (): void => {
    const entries = Array.from({ length: 20 }, () => ({
      playerId: ids[Math.floor(Math.random() * players)] ?? '',
      score: Math.floor(Math.random() * 100_000),
      correctAnswers: 3,
    }))
    board.set(...new Map(entries.map((entry) => [entry.playerId, entry])).values())
  }
  return { protocol, ours, theirs, change }
}

interface Turn {
  readonly microsPerDelivery: number
  readonly bytes: number
  readonly perSecond: number
}

/** Reads some of the streams closely and takes the others for the same. */
const measure = async (pid: number, streams: readonly RawStream[]): Promise<Turn> => {
  await sleep(500)
  const counted = streams.slice(0, 20).map((stream) => countFrames(stream, 'leaderboard.updated'))
  const before = cpuMicros(pid)
  await sleep(seconds * 1_000)
  const micros = cpuMicros(pid) - before
  for (const stream of streams) stream.onData = undefined
  const sum = (pick: (count: { frames: number; bytes: number }) => number) =>
    counted.reduce((total, count) => total + pick(count), 0)
  const frames = sum((count) => count.frames) / counted.length
  const deliveries = frames * streams.length
  return {
    microsPerDelivery: micros / deliveries,
    bytes: sum((count) => count.bytes) / sum((count) => count.frames),
    perSecond: deliveries / seconds,
  }
}

const line = (name: string, { microsPerDelivery, bytes, perSecond }: Turn): string =>
  `${name.padEnd(12)}${microsPerDelivery.toFixed(2).padStart(8)} µs per delivery of ${bytes.toFixed(0)} bytes, ${perSecond.toFixed(0)}/s`

const audiences = []
for (const protocol of PROTOCOLS) audiences.push(await prepare(protocol))
await sleep(3_000)
const ratios = new Map<Protocol, number[]>(PROTOCOLS.map((protocol) => [protocol, []]))
doze()
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const { protocol, ours, theirs, change } of audiences) {
    const changing = setInterval(change, 40)
    const a = await measure(edge.pid, ours)
    clearInterval(changing)
    if (round > 0) console.log(line(`edge ${protocol}`, a))
    await sleep(500)
    raw.send({
      protocol,
      everyMs: Math.round((players / a.perSecond) * 1_000),
      bytes: Math.round(a.bytes),
    })
    const b = await measure(raw.pid ?? 0, theirs)
    raw.send({ protocol: 'none' })
    if (round > 0) console.log(line(`raw ${protocol}`, b))
    if (round > 0) ratios.get(protocol)?.push(a.microsPerDelivery / b.microsPerDelivery)
  }
}
for (const [protocol, values] of ratios) {
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  console.log(
    `${protocol}: edge / raw ${median.toFixed(2)} (${sorted.map((value) => value.toFixed(2)).join(', ')}), ${players} players each`,
  )
}
raw.disconnect()
await edge.stop()
process.exit(0)
