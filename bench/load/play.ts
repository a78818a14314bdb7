import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { Stack } from '../../deploy/local/stack.ts'
import { openBacklog } from './backlog.ts'
import { type CpuTimes, cpuBetween, readCpu } from './cpu.ts'
import { MEASURES, type Measure, type Order, type Report, type WaveReport } from './messages.ts'
import type { Pattern } from './schedule.ts'
import { RIGHT_CHOICE, type World } from './world.ts'

/** What one wave of answers showed. */
export interface WaveResult extends Omit<WaveReport, 'histograms' | 'type'> {
  readonly histograms: Readonly<Record<Measure, Histogram>>
  /** Accepted answers per second, from the first sending until every one of them was on its board. */
  readonly perSecond: number
  readonly cpu: CpuTimes
}

export interface Load {
  wave(index: number, pattern: Pattern): Promise<WaveResult>
  close(): Promise<void>
}

export interface LoadOptions {
  /** HTTP connections that the players share. */
  readonly connections: number
  /** Options of the generator's Node, for instance `--cpu-prof`. */
  readonly execArgv?: readonly string[]
}

/** Starts the generator's process; it is ready to play when this resolves. */
export const startLoad = async (stack: Stack, world: World, options: LoadOptions): Promise<Load> => {
  const child = fork(join(import.meta.dirname, 'generator.ts'), { execArgv: [...(options.execArgv ?? [])] })
  const backlog = await openBacklog(stack)
  const { connections } = options
  const port = Number(new URL(stack.urls.edge).port)
  await ask(child, { type: 'prepare', port, connections, players: world.players })

  return {
    wave: async (index, pattern) => {
      const questionIds = await world.open(index)
      const before = readCpu(stack, child.pid ?? 0)
      const order = { type: 'wave', pattern, seed: index + 1, questionIds, rightChoice: RIGHT_CHOICE } as const
      const report = (await ask(child, order)) as WaveReport
      const emptyAt = await backlog.empty()
      const cpu = cpuBetween(before, readCpu(stack, child.pid ?? 0))
      const histograms = Object.fromEntries(
        MEASURES.map((name) => [name, decodeFromCompressedBase64(report.histograms[name])]),
      ) as Record<Measure, Histogram>
      const perSecond = (report.accepted * 1_000) / (Math.max(report.acceptedAt, emptyAt) - report.startedAt)
      return { ...report, histograms, perSecond, cpu }
    },
    close: async () => {
      await backlog.close()
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

const ask = async (child: ChildProcess, order: Order): Promise<Report> => {
  child.send(order)
  const [report] = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(120_000) }),
    once(child, 'exit').then(() => Promise.reject(new Error('the generator ended'))),
  ])
  return report as Report
}
