import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openByteReader } from '../services/edge/test/support/byte-reader.ts'
import { openStalled } from '../services/edge/test/support/stalled-reader.ts'
import { startBenchEdge } from './lib/edge.ts'
import { environment, percentileHead, percentileLine, percentiles } from './lib/environment.ts'
import { forEachOf } from './lib/pool.ts'
import { cpuMicros, openFiles, residentBytes } from './lib/process-figures.ts'
import { openRawStream, type RawStream } from './lib/raw-stream.ts'
import { median } from './lib/statistics.ts'

const USAGE = `Usage: node bench/edge-slow-clients.ts [--clients 1000] [--bad 10] [--rounds 3] [--seconds 16] [--kilobytes 24]

One session with so many WebSockets, in turns without and with some bad clients more: half of them do not read at all, half read
one byte a second. Large events, eight a second, fill the buffers of the operating system; small events between them are timed
from their publication to each good client. Each turn with bad clients is compared with the two without them around it, and those
with each other: a difference that they have, too, is the machine's. Also says whether the edge closed the bad ones, and its memory.
`

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    bad: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '16' },
    kilobytes: { type: 'string', default: '24' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const bad = Number(values.bad)
const EVERY_MS = 125
const MARK = '"type":"session.locked"'

console.log(environment())
const edge = await startBenchEdge()
const { session } = await edge.session()
const path = `/v1/sessions/${session.sessionId}`
const token = await edge.hostToken()
const url = `http://127.0.0.1:${edge.port}`
const streams: RawStream[] = []
await forEachOf([...Array(Number(values.clients)).keys()], 100, async () => {
  streams.push(await openRawStream({ port: edge.port, protocol: 'ws', path, token }))
})

const openBad = async (): Promise<{ close(): void }[]> => {
  const opened: { close(): void }[] = []
  for (let index = 0; index < bad; index++) {
    if (index % 2 === 0) opened.push(await openStalled(url, `${path}/ws`, token))
    else opened.push(openByteReader(url, `${path}/ws`, token, 1_000))
  }
  return opened
}

interface Turn {
  /** Milliseconds from the publication of each small event to each client. */
  readonly latencies: readonly number[]
  /** CPU time of the edge per large and small event, ms. */
  readonly cpuMs: number
}

const play = async (seconds: number): Promise<Turn> => {
  const publishedAt: number[] = []
  const latencies: number[] = []
  for (const stream of streams) {
    let seen = 0
    stream.onData = (chunk) => {
      for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + 1)) {
        const published = publishedAt[seen++]
        if (published !== undefined) latencies.push(performance.now() - published)
      }
    }
  }
  const question = { questionId: session.questionIds[0] ?? '', prompt: 'x'.repeat(Number(values.kilobytes) * 1_024) }
  const cpu = cpuMicros(edge.pid)
  for (let at = 0; at < seconds * 1_000; at += EVERY_MS) {
    await session.publish({ case: 'questionOpened', value: {} }, { question })
    await sleep(EVERY_MS / 2)
    publishedAt.push(performance.now())
    await session.publish({ case: 'sessionLocked', value: {} }, { question: undefined })
    await sleep(EVERY_MS / 2)
  }
  const cpuMs = (cpuMicros(edge.pid) - cpu) / 1_000 / publishedAt.length
  await sleep(1_000)
  const missing = publishedAt.length * streams.length - latencies.length
  const closed = streams.filter((stream) => stream.isClosed).length
  if (missing !== 0) throw new Error(`${missing} events did not arrive, ${closed} good clients were closed`)
  return { latencies, cpuMs }
}

const mebibytes = () => (residentBytes(edge.pid) / 2 ** 20).toFixed(0)
const seconds = Number(values.seconds)
const p99 = ({ latencies }: Turn): number => percentiles(latencies).p99
const without: Turn[] = []
const withBad: Turn[] = []
await play(8) // warms
console.log(percentileHead)
const turn = async (name: string, turns: Turn[]): Promise<void> => {
  const played = await play(seconds)
  turns.push(played)
  console.log(
    `${percentileLine(name, played.latencies)}   edge ${played.cpuMs.toFixed(1)} ms of CPU per pair of events`,
  )
}
await turn('without bad clients', without)
for (let round = 0; round < Number(values.rounds); round++) {
  const [before, connections] = [mebibytes(), openFiles(edge.pid)]
  const opened = await openBad()
  await turn(`with ${bad} of them`, withBad)
  const left = openFiles(edge.pid) - connections
  console.log(`  edge ${before} MiB before the bad ones, ${mebibytes()} MiB with them; ${left} of ${bad} still open`)
  for (const { close } of opened) close()
  await sleep(500)
  await turn('without bad clients', without)
}
const list = (ratios: readonly number[]): string => {
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  return `${median(ratios).toFixed(2)} (${all})`
}
const around = (index: number): readonly Turn[] => without.slice(index, index + 2)
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length
console.log(`p99 with / without: ${list(withBad.map((each, index) => p99(each) / mean(around(index).map(p99))))}`)
console.log(
  `CPU with / without: ${list(withBad.map(({ cpuMs }, index) => cpuMs / mean(around(index).map((each) => each.cpuMs))))}`,
)
const noise = withBad.map((_, index) => around(index).map(p99))
console.log(
  `p99 without / without, the larger by the smaller: ${list(noise.map((pair) => Math.max(...pair) / Math.min(...pair)))}`,
)
await edge.stop()
process.exit(0)
