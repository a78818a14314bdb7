import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import { getHeapSpaceStatistics } from 'node:v8'
import { METRICS } from '../contract/names.ts'
import type { Metrics } from './metrics.ts'

/** The figures of the event loop are those of the last window of this length. */
const WINDOW_MS = 10_000
const NANOSECONDS = 1e9

const RESOLUTION_MS = 20

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

interface GcEntry {
  /** Milliseconds. */
  readonly duration: number
  readonly detail: { readonly kind: number }
}

/** CPU, memory, garbage collection and event loop of this process. The result stops the observers. */
export const observeProcess = (metrics: Metrics): (() => void) => {
  metrics.observe(METRICS.uptime, () => process.uptime())
  metrics.observe(METRICS.cpuTime, () => process.cpuUsage().user / 1e6, 'user')
  metrics.observe(METRICS.cpuTime, () => process.cpuUsage().system / 1e6, 'system')
  metrics.observe(METRICS.memoryUsage, () => process.memoryUsage.rss())
  for (const { space_name: name } of getHeapSpaceStatistics()) {
    const used = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === name)?.space_used_size
    metrics.observe(METRICS.heapUsed, used, name)
  }
  const stopGc = observeGc(metrics)
  const stopLoop = observeLoop(metrics)
  return () => {
    stopGc()
    stopLoop()
  }
}

const observeGc = (metrics: Metrics): (() => void) => {
  const histograms = new Map(
    Object.entries(GC_KINDS).map(([kind, name]) => [Number(kind), metrics.histogram(METRICS.gcDuration, name)]),
  )
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as unknown as GcEntry[]) {
      histograms.get(detail.kind)?.record(duration / 1_000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}

const observeLoop = (metrics: Metrics): (() => void) => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let before = performance.eventLoopUtilization()
  let window = { mean: 0, p99: 0, max: 0, utilization: 0 }
  const turn = (): void => {
    const now = performance.eventLoopUtilization()
    window = {
      mean: lateness(delay.mean),
      p99: lateness(delay.percentile(99)),
      max: lateness(delay.max),
      utilization: performance.eventLoopUtilization(now, before).utilization,
    }
    before = now
    delay.reset()
  }
  const timer = setInterval(turn, WINDOW_MS)
  timer.unref()
  metrics.observe(METRICS.loopDelayMean, () => window.mean)
  metrics.observe(METRICS.loopDelayP99, () => window.p99)
  metrics.observe(METRICS.loopDelayMax, () => window.max)
  metrics.observe(METRICS.loopUtilization, () => window.utilization)
  return () => {
    clearInterval(timer)
    delay.disable()
  }
}

/** Seconds. The monitor's figures are times between two of its ticks; before the first one the mean is no number. */
const lateness = (nanoseconds: number): number => Math.max(0, (nanoseconds || 0) / NANOSECONDS - RESOLUTION_MS / 1_000)
