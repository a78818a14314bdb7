import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadersOrder } from '../generators/readers.ts'
import { startBenchEdge } from '../lib/edge.ts'
import { residentBytes } from '../lib/processes.ts'
import { defineScenario, type Figure, judge, type ScenarioContext } from '../lib/scenario.ts'
import { PATHS, type Protocol } from '../lib/streams.ts'

type Context = ScenarioContext<'connections' | 'sessions' | 'idle' | 'protocols'>

/** KiB of resident memory per idle stream. */
const GOALS: Readonly<Record<Protocol, number>> = { ws: 6, sse: 12 }

/** They load everything that is loaded once. */
const FIRST = 200
const KIB = 1_024

/** What the kernel keeps in its own structures, bytes. Linux. */
const kernelBytes = (): number => Number(/^Slab:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * KIB

interface Memory {
  readonly atOnce: number
  readonly atRest: number
  readonly kernel: number
  readonly seconds: number
  readonly processBytes: number
}

/** KiB per stream of an edge of its own. */
const measure = async (context: Context, protocol: Protocol, connections: number): Promise<Memory> => {
  const edge = await startBenchEdge()
  context.defer(edge.stop)
  const readers = context.start('generators/readers.ts')
  const sessions = await Promise.all(Array.from({ length: context.numbers.sessions }, () => edge.session()))
  const players: { path: string; token: string }[] = []
  for (let index = 0; index < FIRST + connections; index++) {
    const { session, board } = sessions[index % sessions.length] ?? (await edge.session())
    const joinOrder = Math.floor(index / sessions.length) + 1
    const { playerId, token } = await edge.player(session.sessionId, joinOrder)
    board.set({ playerId, joinOrder })
    players.push({ path: `/v1/sessions/${session.sessionId}/${PATHS[protocol]}`, token })
  }
  const open = (group: string, streams: typeof players): Promise<unknown> =>
    readers.ask({ kind: 'open', group, port: edge.port, protocol, streams } satisfies ReadersOrder, 120_000)
  await open('first', players.slice(0, FIRST))
  await sleep(2_000)
  const [before, kernelBefore, began] = [residentBytes(edge.pid), kernelBytes(), performance.now()]
  await open('all', players.slice(FIRST))
  const seconds = (performance.now() - began) / 1_000
  const perStream = (bytes: number): number => bytes / connections / KIB
  const atOnce = perStream(residentBytes(edge.pid) - before)
  await sleep(context.numbers.idle * 1_000)
  const processBytes = residentBytes(edge.pid)
  const memory = {
    atOnce,
    atRest: perStream(processBytes - before),
    kernel: perStream(kernelBytes() - kernelBefore),
    seconds,
    processBytes,
  }
  await readers.stop()
  await edge.stop()
  return memory
}

export const scenario = defineScenario({
  name: 'connections',
  summary: 'memory of one edge per idle stream',
  seconds: 45,
  options: {
    connections: { help: 'streams per protocol, at most what a process may open', default: '10000', quick: '1000' },
    sessions: { help: 'sessions that they are players of', default: '10' },
    idle: { help: 'seconds of rest before it is measured', default: '8', quick: '2' },
    protocols: { help: 'ws, sse or both', default: 'ws,sse' },
  },
  run: async (context) => {
    const { connections } = context.numbers
    const protocols = context.options.protocols.split(',') as Protocol[]
    const figures: Figure[] = []
    const groups = []
    for (const protocol of protocols) {
      const memory = await measure(context, protocol, connections)
      const { atOnce, atRest, kernel, seconds, processBytes } = memory
      context.progress(`${protocol}: ${connections} streams in ${seconds.toFixed(1)} s, ${atRest.toFixed(2)} KiB each`)
      figures.push(
        {
          name: `${protocol}: memory per idle stream`,
          unit: 'KiB',
          value: atRest,
          goal: { direction: 'at most', value: GOALS[protocol] },
        },
        { name: `${protocol}: right after opening`, unit: 'KiB', value: atOnce },
        { name: `${protocol}: of the kernel, both ends`, unit: 'KiB', value: kernel },
        { name: `${protocol}: streams per GiB, edge and kernel`, unit: '', value: 2 ** 20 / (atRest + kernel / 2) },
        { name: `${protocol}: whole process`, unit: 'MiB', value: processBytes / 2 ** 20 },
        { name: `${protocol}: streams opened`, unit: '1/s', value: connections / seconds },
      )
      groups.push({
        name: protocol,
        parts: [
          { name: 'edge', value: atRest },
          { name: 'kernel, server end', value: kernel / 2 },
        ],
      })
    }
    return {
      verdict: judge([{ sentence: 'every stream was opened', holds: true }]),
      figures,
      charts: [
        { kind: 'bars', title: 'Memory per idle stream', value: { label: 'Memory per stream', unit: 'KiB' }, groups },
      ],
      notes: [
        'Resident memory, so pages that the allocator keeps count. The kernel holds both ends of a connection on this machine; half of what it holds is counted for the server. Each player is also on the board and in the roster of a session.',
      ],
    }
  },
})
