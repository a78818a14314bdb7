import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openByteReader } from '../services/edge/test/support/byte-reader.ts'
import { closeCodeIn, openStalled, positionsIn } from '../services/edge/test/support/stalled-reader.ts'
import { openSse, openWs } from '../services/edge/test/support/stream-readers.ts'
import { startBenchEdge } from './lib/edge.ts'
import { environment } from './lib/environment.ts'
import { forEachOf } from './lib/pool.ts'
import { openFiles, residentBytes } from './lib/process-figures.ts'
import { openRawStream, type Protocol } from './lib/raw-stream.ts'

const USAGE = `Usage: node bench/edge-stalled-clients.ts [--stall-seconds 30] [--bad 20] [--crowd 200] [--kilobytes 24]

Clients that stop reading for so long, over WebSocket and SSE, and as many that read one byte a second, beside a crowd that reads.
Large events, eight a second, until the edge has given up the bad ones; small ones until the time is over. Then those that stopped
read on, come back with the position of the last event that they have, and are compared with what was published. A WebSocket that
was closed is kept for 16 s, so that whoever reads on finds the close code; after that only what the kernel held, and the end. Exit
code 1 when an event is missing or came twice, when a bad client was not closed, or when one of the crowd was.
`

const { values } = parseArgs({
  options: {
    'stall-seconds': { type: 'string', default: '30' },
    bad: { type: 'string', default: '20' },
    crowd: { type: 'string', default: '200' },
    kilobytes: { type: 'string', default: '24' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const EVERY_MS = 125
const PROTOCOLS: readonly Protocol[] = ['ws', 'sse']

console.log(environment())
const edge = await startBenchEdge()
const { session } = await edge.session()
const token = await edge.hostToken()
const url = `http://127.0.0.1:${edge.port}`
const base = `/v1/sessions/${session.sessionId}`
const pathOf = (protocol: Protocol): string => `${base}/${protocol === 'ws' ? 'ws' : 'events'}`

const crowd = await Promise.all(
  Array.from({ length: Number(values.crowd) }, async (_, index) => {
    const { token } = await edge.player(session.sessionId, index + 1) // one host may not open so many
    return openRawStream({ port: edge.port, protocol: 'ws', path: base, token })
  }),
)
const question = { questionId: session.questionIds[0] ?? '', prompt: 'x'.repeat(Number(values.kilobytes) * 1_024) }
const small = () => session.publish({ case: 'sessionLocked', value: {} }, { question: undefined })
const large = () => session.publish({ case: 'questionOpened', value: {} }, { question })

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
for (let count = 0; count < 40; count++) await large() // warms
await sleep(1_000)
const before = residentBytes(edge.pid)
const connections = openFiles(edge.pid)
const perKind = Math.ceil(Number(values.bad) / 4)
const stalled = await Promise.all(
  PROTOCOLS.flatMap((protocol) =>
    Array.from({ length: perKind }, async () => ({
      protocol,
      reader: await openStalled(url, pathOf(protocol), token),
    })),
  ),
)
const byteReaders = PROTOCOLS.flatMap((protocol) =>
  Array.from({ length: perKind }, () => openByteReader(url, pathOf(protocol), token, 1_000)),
)
const bad = stalled.length + byteReaders.length
await sleep(500)
const opened = openFiles(edge.pid) - connections

const began = performance.now()
const elapsed = (): number => (performance.now() - began) / 1_000
const positions: number[] = []
let highest = before
let isFull = false
while (elapsed() < Number(values['stall-seconds'])) {
  positions.push(await (isFull ? small() : large()))
  await sleep(EVERY_MS)
  highest = Math.max(highest, residentBytes(edge.pid))
  const open = openFiles(edge.pid) - connections
  if (open <= opened / 2) isFull = true // SSE is cut at once, WebSockets stay for a while
}
console.log(
  `${bad} bad clients, ${positions.length} events in ${elapsed().toFixed(1)} s beside ${crowd.length} who read; ` +
    `edge memory: ${mebibytes(before)} before, ${mebibytes(highest)} at most, ${mebibytes(residentBytes(edge.pid))} at the end`,
)

/** Reads on, comes back, and counts what is missing, came twice, or was covered by a snapshot instead. */
const comeBack = async ({ protocol, reader }: (typeof stalled)[number]) => {
  reader.resume()
  await Promise.race([reader.closed, sleep(10_000)])
  const seen = positionsIn(reader.received(), protocol).filter((id) => id >= (positions[0] ?? 0))
  const position = String(seen.at(-1) ?? positions[0])
  const path = `${url}${pathOf(protocol)}`
  const back =
    protocol === 'ws'
      ? await openWs(path.replace('http', 'ws'), token)
      : await openSse(path, token, { 'last-event-id': position })
  if (protocol === 'ws') back.send({ type: 'resume', data: { lastEventId: position } })
  const last = String(positions.at(-1))
  const first = await Promise.race([back.next('stream.resumed'), back.next('session.snapshot')])
  if (first.type === 'stream.resumed' && position !== last) await back.next('session.locked', ({ id }) => id === last)
  back.close()
  const shown = [
    ...seen,
    ...back.messages.flatMap(({ type, id }) => (type === 'session.snapshot' ? [] : Number(id ?? []))),
  ]
  const events = shown.filter((id) => id > 0)
  const told = new Set(events)
  const covered = first.type === 'session.snapshot' ? Number(first.id) : 0
  return {
    protocol,
    seen: seen.length,
    isResumed: first.type === 'stream.resumed',
    code: protocol === 'ws' ? closeCodeIn(reader.received()) : undefined,
    missed: positions.filter((id) => !told.has(id) && id > covered).length,
    repeated: events.length - told.size,
    isInOrder: events.every((id, index) => index === 0 || id > (events[index - 1] ?? 0)),
  }
}

const back: Awaited<ReturnType<typeof comeBack>>[] = []
await forEachOf(stalled, 5, async (each) => void back.push(await comeBack(each)))
for (const protocol of PROTOCOLS) {
  const all = back.filter((each) => each.protocol === protocol)
  const sum = (count: (each: (typeof all)[number]) => number) => all.reduce((total, each) => total + count(each), 0)
  const codes = protocol === 'ws' ? `, ${sum(({ code }) => Number(code === 4_408))} with close code 4408` : ''
  console.log(
    `${protocol}: ${all.length} stopped reading${codes}; had ${Math.min(...all.map(({ seen }) => seen))} to ${Math.max(...all.map(({ seen }) => seen))} of ${positions.length} events; ` +
      `came back: ${sum(({ isResumed }) => Number(isResumed))} resumed, ${sum(({ isResumed }) => Number(!isResumed))} by snapshot, ${sum(({ missed }) => missed)} events missed, ${sum(({ repeated }) => repeated)} repeated`,
  )
}
const isClosed = await Promise.race([
  (async () => {
    while (openFiles(edge.pid) > connections) await sleep(500)
    return true
  })(),
  sleep(20_000).then(() => false),
])
const closedOfCrowd = crowd.filter(({ isClosed }) => isClosed).length
console.log(`the edge has ${isClosed ? '' : 'NOT '}closed every bad client, and ${closedOfCrowd} of the crowd`)
for (const { close } of byteReaders) close()
const isGood =
  isClosed &&
  closedOfCrowd === 0 &&
  back.every(({ missed, repeated, isInOrder }) => missed + repeated === 0 && isInOrder)
console.log(isGood ? 'as it should be' : 'NOT as it should be')
await edge.stop()
process.exit(isGood ? 0 : 1)
