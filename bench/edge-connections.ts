import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBenchEdge } from './lib/edge.ts'
import { environment } from './lib/environment.ts'
import { forEachOf } from './lib/pool.ts'
import { residentBytes } from './lib/process-figures.ts'
import { openRawStream, type Protocol } from './lib/raw-stream.ts'

const USAGE = `Usage: node bench/edge-connections.ts [--protocol ws] [--connections 15000] [--sessions 15] [--idle 20]

Resident memory of one edge process per idle stream of a player (ws or sse), in so many sessions, before and after so many
seconds of rest.
`

const { values } = parseArgs({
  options: {
    protocol: { type: 'string', default: 'ws' },
    connections: { type: 'string', default: '15000' },
    sessions: { type: 'string', default: '15' },
    idle: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const protocol: Protocol = values.protocol === 'sse' ? 'sse' : 'ws'
const connections = Number(values.connections)

console.log(environment())
const edge = await startBenchEdge()
const sessions = await Promise.all(Array.from({ length: Number(values.sessions) }, () => edge.session()))
const open = async (index: number): Promise<void> => {
  const { session, board } = sessions[index % sessions.length] ?? (await edge.session())
  const joinOrder = Math.floor(index / sessions.length) + 1
  const { playerId, token } = await edge.player(session.sessionId, joinOrder)
  board.set({ playerId, joinOrder })
  await openRawStream({ port: edge.port, protocol, path: `/v1/sessions/${session.sessionId}`, token })
}

// The first ones load everything that is loaded once.
await forEachOf([...Array(100).keys()], 50, (index) => open(index))
await sleep(2_000)
const before = residentBytes(edge.pid)
const began = performance.now()
await forEachOf([...Array(connections).keys()], 200, (index) => open(100 + index))
const opened = performance.now() - began
const perStream = () => ((residentBytes(edge.pid) - before) / connections / 1024).toFixed(2)
const atOnce = perStream()
await sleep(Number(values.idle) * 1_000)
console.log(
  `${protocol}: ${connections} players in ${sessions.length} sessions, opened in ${(opened / 1_000).toFixed(1)} s: ` +
    `${perStream()} KiB per stream at rest (${atOnce} right after opening; process ${(residentBytes(edge.pid) / 2 ** 20).toFixed(0)} MiB)`,
)
await edge.stop()
process.exit(0)
