import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadersOrder, ReadersReport } from '../generators/readers.ts'
import { startBenchEdge } from '../lib/edge.ts'
import { type Child, cpuMicros } from '../lib/processes.ts'
import { type CeilingRatio, cpuChart, defineScenario, type Figure, judge } from '../lib/scenario.ts'
import { median, summarize, sumOf } from '../lib/statistics.ts'
import type { Protocol } from '../lib/streams.ts'
import { startClassic } from '../peers/classic/start.ts'
import { edgeSender, FRAME_TYPE, peerSender, rawSender, type Sender } from '../workloads/board-senders.ts'

interface Turn {
  readonly micros: number
  readonly bytes: number
  readonly everyMs: number
  readonly closed: number
}

const PROTOCOLS: readonly Protocol[] = ['ws', 'sse']
/** CPU time of the sender per frame and client, while it sends for so many seconds. */
const measure = async (
  sender: Sender,
  readers: Child,
  seconds: number,
  players: number,
  like?: Turn,
): Promise<Turn> => {
  sender.start(like?.everyMs ?? 0, Math.round(like?.bytes ?? 0))
  await sleep(500)
  await readers.ask({ kind: 'count', group: sender.name, type: FRAME_TYPE } satisfies ReadersOrder)
  const [before, began] = [cpuMicros(sender.pid), performance.now()]
  await sleep(seconds * 1_000)
  const [micros, tookMs] = [cpuMicros(sender.pid) - before, performance.now() - began]
  const { framesPerStream, bytesPerFrame, closed } = await readers.ask<ReadersReport>({ kind: 'report' })
  sender.stop()
  await sleep(300)
  return {
    micros: micros / (framesPerStream * players),
    bytes: bytesPerFrame,
    everyMs: Math.round(tookMs / framesPerStream),
    closed,
  }
}

const ratioOf = (name: string, ours: readonly Turn[], ceiling: readonly Turn[]): CeilingRatio => {
  const rounds = ours.map(({ micros }, index) => micros / (ceiling[index]?.micros ?? Number.NaN))
  return { name: `${name}, CPU per delivery`, ratio: median(rounds), rounds }
}

export const scenario = defineScenario({
  name: 'fanout',
  summary: 'one board to all clients, over WebSocket and SSE, next to a loop that only writes',
  seconds: 75,
  options: {
    players: { help: 'clients of each server', default: '5000', quick: '500' },
    rounds: { help: 'turns of each server that count', default: '2', quick: '1' },
    seconds: { help: 'length of a turn', default: '2.5', quick: '2' },
    peer: { help: 'classic: also Socket.IO; none', default: 'classic' },
  },
  run: async (context) => {
    const { players, rounds, seconds } = context.numbers
    const edge = await startBenchEdge()
    context.defer(edge.stop)
    const raw = context.start('ceilings/uws-fan-out.ts')
    const { port: rawPort } = await raw.hear<{ port: number }>()
    const turns = new Map<string, Turn[]>()
    for (const protocol of PROTOCOLS) {
      const readers = context.start('generators/readers.ts')
      const ours = await edgeSender(edge, readers, protocol, players)
      const others = [await rawSender(raw, rawPort, readers, protocol, players)]
      if (protocol === 'ws' && context.options.peer === 'classic')
        others.push(await peerSender(await startClassic(context), readers, players))
      context.progress(`${protocol}: ${players} clients of each of ${others.length + 1} servers`)
      await readers.ask({ kind: 'doze' } satisfies ReadersOrder)
      await sleep(1_000)
      for (let round = 0; round <= rounds; round++) {
        const first = await measure(ours, readers, seconds, players)
        const played = [first]
        for (const other of others) played.push(await measure(other, readers, seconds, players, first))
        if (round === 0) continue // warms
        for (const [index, { name }] of [ours, ...others].entries()) {
          const turn = played[index]
          if (turn !== undefined) turns.set(name, [...(turns.get(name) ?? []), turn])
        }
        context.progress(
          `${protocol} round ${round} of ${rounds}: ${played.map(({ micros }) => micros.toFixed(2)).join(' / ')} µs per delivery`,
        )
      }
      await readers.stop()
    }
    const of = (name: string): readonly Turn[] => turns.get(name) ?? []
    const goal = { direction: 'at most', value: 1.3 } as const
    const figures = [...turns].map(
      ([name, each]): Figure => ({
        name: `${name}: CPU per delivery`,
        unit: 'µs',
        ...summarize(each.map(({ micros }) => micros)),
      }),
    )
    const closed = sumOf([...turns.values()].flat().map((turn) => turn.closed))
    return {
      verdict: judge([{ sentence: `no client was closed (${closed} were)`, holds: closed === 0 }]),
      figures,
      ceilings: [
        ...PROTOCOLS.map((protocol) => ({
          ...ratioOf(`edge / raw ${protocol}`, of(`edge ${protocol}`), of(`raw ${protocol}`)),
          goal,
        })),
        ...(turns.has('Socket.IO ws') ? [ratioOf('Socket.IO / raw ws', of('Socket.IO ws'), of('raw ws'))] : []),
      ],
      charts: [
        cpuChart(
          `CPU time per delivery of a board to ${players} clients`,
          'delivery',
          figures.map(({ name, value }) => ({ name: name.split(':')[0] ?? '', parts: [{ name: 'CPU', value }] })),
        ),
      ],
      payloads: Object.fromEntries(
        [...turns].map(([name, each]) => [`${name}, frame`, Math.round(median(each.map(({ bytes }) => bytes)))]),
      ),
      notes: [
        `The edge sends a frame every ${Math.round(median(of('edge ws').map(({ everyMs }) => everyMs)))} ms and gives each player the own rank and score; the others send the same bytes to all, as often.`,
      ],
    }
  },
})
