import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { projectRoot } from '../paths.ts'
import { findPrometheus } from '../tools/prometheus.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** Where metrics are, by service: `{ edge: ['127.0.0.1:20000', …] }`. */
export type Targets = Readonly<Record<string, readonly string[]>>

/** Prometheus with the rules of deploy/prometheus, looking at these targets. Its start fails where it is not to be had. */
export const createPrometheus = (options: ServerOptions & { readonly targets: Targets }): Server => {
  const { dataDir, targets } = options
  return createServer(options, {
    name: 'prometheus',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    url: (port) => `http://127.0.0.1:${port}`,
    async command(port) {
      const { file, args } = await findPrometheus('prometheus')
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      const configFile = join(dataDir, 'prometheus.yaml')
      writeFileSync(configFile, stringify(configuration(targets)))
      const settings = [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(dataDir, 'tsdb')}`,
        '--storage.tsdb.retention.time=7d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=exemplar-storage',
        '--log.level=warn',
      ]
      return { file, args: [...settings, ...args], env: serverEnvironment() }
    },
    async probe(port) {
      const response = await fetch(`http://127.0.0.1:${port}/-/ready`, { signal: AbortSignal.timeout(2_000) })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`/-/ready answers ${response.status}`)
    },
  })
}

/** The job is the name of the service, as in deploy/prometheus/prometheus.yaml. */
const configuration = (targets: Targets) => ({
  global: { scrape_interval: '5s', evaluation_interval: '5s' },
  rule_files: [join(projectRoot, 'deploy/prometheus/rules/*.yaml')],
  scrape_configs: Object.entries(targets).map(([name, addresses]) => ({
    job_name: name,
    static_configs: [{ targets: [...addresses] }],
  })),
})
