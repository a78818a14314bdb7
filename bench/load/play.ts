import { join } from 'node:path'
import type { Stack } from '../../deploy/local/stack.ts'
import { startChild } from '../lib/child.ts'
import { createLatencies, type Latencies } from '../lib/latencies.ts'
import { type CpuTimes, cpuBetween, stackCpu } from '../lib/stack-cpu.ts'
import { openBacklog } from './backlog.ts'
import { MEASURES, type Measure, type PlayWave, type Prepare, type WaveReport } from './messages.ts'
import type { Pattern } from './schedule.ts'
import { RIGHT_CHOICE, type World } from './world.ts'

/** What one wave of answers showed. */
export interface WaveResult extends Omit<WaveReport, 'latencies'> {
  readonly latencies: Readonly<Record<Measure, Latencies>>
  /** Accepted answers per second, from the first sending until every one of them was on its board. */
  readonly perSecond: number
  /** Of everything but the generator. */
  readonly cpu: CpuTimes
}

export interface Load {
  readonly generatorPid: number
  /** Opens question `index` everywhere and has everybody answer it. */
  wave(index: number, pattern: Pattern): Promise<WaveResult>
  close(): Promise<void>
}

/** Starts the generator's process; it is ready to play when this resolves. `connections`: HTTP, shared by the players. */
export const startLoad = async (stack: Stack, world: World, connections: number): Promise<Load> => {
  const child = startChild(join(import.meta.dirname, 'generator.ts'))
  const backlog = await openBacklog(stack)
  const port = Number(new URL(stack.urls.edge).port)
  await child.ask({ type: 'prepare', port, connections, players: world.players } satisfies Prepare)

  return {
    generatorPid: child.pid,
    wave: async (index, pattern) => {
      const questionIds = await world.open(index)
      const order: PlayWave = { type: 'wave', pattern, seed: index + 1, questionIds, rightChoice: RIGHT_CHOICE }
      const before = stackCpu(stack)
      const report = await child.ask<WaveReport>(order, 120_000)
      const emptyAt = await backlog.empty()
      const cpu = cpuBetween(before, stackCpu(stack))
      const latencies = Object.fromEntries(MEASURES.map((name) => [name, createLatencies()])) as Record<
        Measure,
        Latencies
      >
      for (const name of MEASURES) latencies[name].merge(report.latencies[name])
      return {
        ...report,
        latencies,
        perSecond: (report.accepted * 1_000) / (Math.max(report.acceptedAt, emptyAt) - report.startedAt),
        cpu,
      }
    },
    close: async () => {
      await backlog.close()
      await child.stop()
    },
  }
}
