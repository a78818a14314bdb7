import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import pg from 'pg'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'
import type { Facts } from './environment.ts'

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
    const { config } = await (await jetstreamManager(nc)).streams.info('ANSWERS')
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
