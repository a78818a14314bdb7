import { setTimeout as sleep } from 'node:timers/promises'
import { openByteReader } from '../../services/edge/test/support/byte-reader.ts'
import { openStalled } from '../../services/edge/test/support/stalled-reader.ts'
import { type BenchEdge, type BenchSession, startBenchEdge } from '../lib/edge.ts'
import { createLatencies, type Latencies, latenciesOf } from '../lib/latencies.ts'
import { forEachOf } from '../lib/pool.ts'
import { cpuMicros, openFiles, residentBytes } from '../lib/process-figures.ts'
import { openRawStream, type RawStream } from '../lib/raw-stream.ts'
import { defineScenario, judge } from '../lib/scenario.ts'
import { summarize } from '../lib/statistics.ts'

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

/** Large events fill the buffers of whoever does not read; the small ones between them are timed. */
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

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length

const merged = (turns: readonly Turn[]): Latencies => {
  const all = createLatencies()
  for (const { latencies } of turns) all.merge(latencies.encode())
  return all
}

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
    const { options } = context
    const [bad, seconds, kilobytes] = [Number(options.bad), Number(options.seconds), Number(options.kilobytes)]
    const edge = await startBenchEdge()
    context.defer(edge.stop)
    const bench = await edge.session()
    const path = `/v1/sessions/${bench.session.sessionId}`
    const token = await edge.hostToken()
    const streams: RawStream[] = []
    await forEachOf([...Array(Number(options.clients)).keys()], PARALLEL, async (index) => {
      const player = await edge.player(bench.session.sessionId, index + 1)
      streams.push(await openRawStream({ port: edge.port, protocol: 'ws', path, token: player.token }))
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
    for (let round = 1; round <= Number(options.rounds); round++) {
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
    const missing = [...without, ...beside].reduce((sum, turn) => sum + turn.missing, 0)
    const closed = streams.filter(({ isClosed }) => isClosed).length
    const [good, disturbed] = [merged(without), merged(beside)]
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
        {
          kind: 'lines',
          title: 'A small event after a large one, to every good client',
          x: { label: 'Percentile', unit: '%', scale: 'percentile' },
          y: { label: 'Latency', unit: 'ms' },
          series: [good.curve('without bad clients'), disturbed.curve(`with ${bad} of them`)],
        },
      ],
      payloads: { 'large event': kilobytes * 1_024 },
      notes: [
        'Each turn with bad clients is compared with the two without them around it; what those differ by is the noise of the machine. The clients are in the process of the scenario.',
      ],
    }
  },
})
