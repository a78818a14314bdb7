import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openByteReader } from '../services/edge/test/support/byte-reader.ts'
import { openStalled } from '../services/edge/test/support/stalled-reader.ts'
import { startBenchEdge } from './lib/edge.ts'
import { environment, percentileHead, percentileLine, percentiles } from './lib/environment.ts'
import { forEachOf } from './lib/pool.ts'
import { openFiles, residentBytes } from './lib/process-figures.ts'
import { openRawStream, type RawStream } from './lib/raw-stream.ts'

const USAGE = `Usage: node bench/edge-slow-clients.ts [--clients 1000] [--bad 10] [--rounds 2] [--seconds 25] [--kilobytes 24]

One session with so many WebSockets, in turns without and with some bad clients more: half of them do not read at all, half read
one byte a second. Large events, eight a second, fill the buffers of the operating system; small events between them are timed
from their publication to each good client. Prints the latency of both, whether the edge closed the bad ones, and its memory.
`

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    bad: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '25' },
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

const openBad = async (): Promise<void> => {
  for (let index = 0; index < bad; index++) {
    if (index % 2 === 0) await openStalled(url, `${path}/ws`, token)
    else openByteReader(url, `${path}/ws`, token, 1_000)
  }
}

/** Milliseconds from the publication of each small event to each client. */
const play = async (): Promise<number[]> => {
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
  for (let at = 0; at < Number(values.seconds) * 1_000; at += EVERY_MS) {
    await session.publish({ case: 'questionOpened', value: {} }, { question })
    await sleep(EVERY_MS / 2)
    publishedAt.push(performance.now())
    await session.publish({ case: 'sessionLocked', value: {} }, { question: undefined })
    await sleep(EVERY_MS / 2)
  }
  await sleep(1_000)
  const missing = publishedAt.length * streams.length - latencies.length
  const closed = streams.filter((stream) => stream.isClosed).length
  if (missing !== 0) throw new Error(`${missing} events did not arrive, ${closed} good clients were closed`)
  return latencies
}

const mebibytes = () => (residentBytes(edge.pid) / 2 ** 20).toFixed(0)
const without: number[] = []
const withBad: number[] = []
await play() // warm
for (let round = 0; round < Number(values.rounds); round++) {
  for (const latency of await play()) without.push(latency)
  const before = mebibytes()
  const connections = openFiles(edge.pid)
  await openBad()
  for (const latency of await play()) withBad.push(latency)
  const after = mebibytes()
  await sleep(12_000)
  const left = openFiles(edge.pid) - connections
  console.log(
    `round ${round + 1}: edge ${before} MiB before the bad ones, ${after} MiB with them; ${left} of ${bad} left open`,
  )
}
console.log(percentileHead)
console.log(percentileLine('without bad clients', without))
console.log(percentileLine(`with ${bad} of them`, withBad))
console.log(`p99 with / without: ${(percentiles(withBad).p99 / percentiles(without).p99).toFixed(2)}`)
await edge.stop()
process.exit(0)
