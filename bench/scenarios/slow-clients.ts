import { setTimeout as sleep } from 'node:timers/promises'
import { openByteReader } from '../../services/edge/test/support/byte-reader.ts'
import { openStalled } from '../../services/edge/test/support/stalled-reader.ts'
import { type BenchEdge, type BenchSession, startBenchEdge } from '../lib/edge.ts'
import { cpuMicros, forEachOf, openFiles, residentBytes } from '../lib/processes.ts'
import { defineScenario, judge, latencyChart } from '../lib/scenario.ts'
import { type Latencies, latenciesOf, mergedLatencies, summarize, sumOf } from '../lib/statistics.ts'
import { openRawStream, type RawStream } from '../lib/streams.ts'

const EVERY_MS = 125
const MARK = '"type":"session.locked"'
const WARM_SECONDS = 4
const PARALLEL = 1_000

interface Turn {
  /** From the publication of each small event to each client. */
  readonly latencies: Latencies
  /** CPU time of the edge per large and small event, ms. */
  readonly cpuMs: number
  readonly missing: number
}

/** Large events fill the buffers of clients that do not read; the small ones between them are timed. */
const play = async (
  edge: BenchEdge,
  { session }: BenchSession,
  streams: readonly RawStream[],
  seconds: number,
  kilobytes: number,
): Promise<Turn> => {
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
  const question = { questionId: session.questionIds[0] ?? '', prompt: 'x'.repeat(kilobytes * 1_024) }
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
  return {
    latencies: latenciesOf(latencies),
    cpuMs,
    missing: publishedAt.length * streams.length - latencies.length,
  }
}

const mean = (values: readonly number[]): number => sumOf(values) / values.length

export const scenario = defineScenario({
  name: 'slow-clients',
  summary: 'latency of the others beside clients that read slowly or not at all',
  seconds: 35,
  options: {
    clients: { help: 'WebSockets of one session', default: '1000', quick: '300' },
    bad: { help: 'bad ones more: half of them read nothing, half one byte a second', default: '10' },
    rounds: { help: 'turns with bad clients', default: '1' },
    seconds: { help: 'length of a turn', default: '8', quick: '6' },
    kilobytes: { help: 'size of a large event', default: '24' },
  },
  run: async (context) => {
    const { clients, bad, rounds, seconds, kilobytes } = context.numbers
    const edge = await startBenchEdge()
    context.defer(edge.stop)
    const bench = await edge.session()
    const path = `/v1/sessions/${bench.session.sessionId}`
    const token = await edge.hostToken()
    const streams: RawStream[] = []
    await forEachOf([...Array(clients).keys()], PARALLEL, async (index) => {
      const player = await edge.player(bench.session.sessionId, index + 1)
      streams.push(await openRawStream({ port: edge.port, protocol: 'ws', path: `${path}/ws`, token: player.token }))
    })
    const openBad = async (): Promise<{ close(): void }[]> => {
      const url = `http://127.0.0.1:${edge.port}`
      const opened: { close(): void }[] = []
      for (let index = 0; index < bad; index++) {
        if (index % 2 === 0) opened.push(await openStalled(url, `${path}/ws`, token))
        else opened.push(openByteReader(url, `${path}/ws`, token, 1_000))
      }
      return opened
    }

    await play(edge, bench, streams, WARM_SECONDS, kilobytes)
    const without = [await play(edge, bench, streams, seconds, kilobytes)]
    const beside: Turn[] = []
    const growth: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const [memory, connections] = [residentBytes(edge.pid), openFiles(edge.pid)]
      const opened = await openBad()
      beside.push(await play(edge, bench, streams, seconds, kilobytes))
      growth.push((residentBytes(edge.pid) - memory) / 2 ** 20)
      context.progress(`round ${round}: ${openFiles(edge.pid) - connections} of ${bad} bad clients are still connected`)
      for (const { close } of opened) close()
      await sleep(500)
      without.push(await play(edge, bench, streams, seconds, kilobytes))
    }

    const p99 = ({ latencies }: Turn): number => latencies.percentile(99)
    const around = (index: number): readonly Turn[] => without.slice(index, index + 2)
    const ratios = beside.map((turn, index) => p99(turn) / mean(around(index).map(p99)))
    const cpuRatios = beside.map(({ cpuMs }, index) => cpuMs / mean(around(index).map((turn) => turn.cpuMs)))
    const noise = beside.map((_, index) => {
      const pair = around(index).map(p99)
      return Math.max(...pair) / Math.min(...pair)
    })
    const missing = sumOf([...without, ...beside].map((turn) => turn.missing))
    const closed = streams.filter(({ isClosed }) => isClosed).length
    const [good, disturbed] = [without, beside].map((turns) =>
      mergedLatencies(turns.map(({ latencies }) => latencies)),
    ) as [Latencies, Latencies]
    return {
      verdict: judge([
        {
          sentence: `${missing} events did not arrive at a good client, ${closed} good clients were closed`,
          holds: missing + closed === 0,
        },
      ]),
      figures: [
        { name: 'p99 with / without bad clients', unit: '×', ...summarize(ratios) },
        { name: 'p99 without / without: the noise', unit: '×', ...summarize(noise) },
        { name: 'CPU of the edge with / without', unit: '×', ...summarize(cpuRatios) },
        { name: `memory more with ${bad} bad clients`, unit: 'MiB', ...summarize(growth) },
      ],
      latencies: [
        good.row('event → client, without bad clients'),
        disturbed.row(`event → client, with ${bad} of them`),
      ],
      charts: [
        latencyChart(
          'A small event after a large one, to every good client',
          [good.curve('without bad clients'), disturbed.curve(`with ${bad} of them`)],
          'linear',
        ),
      ],
      payloads: { 'large event': kilobytes * 1_024 },
      notes: [
        'Each turn with bad clients is compared with the two without them around it; what those differ by is the noise of the machine. The clients are in the process of the scenario.',
      ],
    }
  },
})
