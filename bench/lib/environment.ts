import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release } from 'node:os'

/** What a figure depends on, printed with every figure. */
export const environment = (): string => {
  const [cpu] = cpus()
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const load = loadavg().map((value) => value.toFixed(1))
  return `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}, commit ${commit}, load before ${load.join(' ')}`
}

/** p50, p90, p99 and maximum of whole or fractional milliseconds; nearest rank. */
export const percentiles = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

export const percentileLine = (name: string, values: readonly number[]): string => {
  const { count, p50, p90, p99, max } = percentiles(values)
  const cells = [p50, p90, p99, max].map((value) => value.toFixed(1).padStart(9))
  return `${name.padEnd(44)}${String(count).padStart(8)}${cells.join('')}`
}
export const percentileHead = `${'ms'.padEnd(44)}${'samples'.padStart(8)}${['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(9)).join('')}`
