import { parseArgs } from 'node:util'
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { natsOptions } from '#platform/nats'
import { consumerDeclarations, streamDeclarations } from './declarations.ts'

/** Creates or updates every stream and durable consumer. Safe to repeat. */
export const applyDeclarations = async (natsUrl: string, replicas = 1): Promise<void> => {
  const nc = await connect({ ...natsOptions(natsUrl, 'admin'), name: 'declarations', timeout: 5_000 })
  try {
    const manager = await jetstreamManager(nc, { timeout: 10_000 })
    for (const declaration of streamDeclarations) {
      await applyStream(manager, { ...declaration, num_replicas: replicas })
    }
    await Promise.all(consumerDeclarations.map(({ stream, config }) => manager.consumers.add(stream, config)))
  } finally {
    await nc.close()
  }
}

const applyStream = async (
  manager: JetStreamManager,
  config: (typeof streamDeclarations)[number] & { num_replicas: number },
): Promise<void> => {
  try {
    await manager.streams.info(config.name)
  } catch (err) {
    if (!(err instanceof JetStreamApiError) || err.code !== JetStreamApiCodes.StreamNotFound) throw err
    await manager.streams.add(config)
    return
  }
  await manager.streams.update(config.name, config)
}

const USAGE = `Usage: node deploy/nats/apply.ts [--replicas N]

Creates or updates the streams and durable consumers on the server at NATS_URL.
`

if (import.meta.main) {
  const { values } = parseArgs({
    options: { replicas: { type: 'string', default: process.env.JS_REPLICAS ?? '1' }, help: { type: 'boolean' } },
  })
  const url = process.env.NATS_URL
  const replicas = Number(values.replicas)
  if (values.help === true) {
    process.stdout.write(USAGE)
  } else if (url === undefined || ![1, 3, 5].includes(replicas)) {
    process.stderr.write(`NATS_URL must be set and --replicas must be 1, 3 or 5.\n\n${USAGE}`)
    process.exitCode = 2
  } else {
    await applyDeclarations(url, replicas)
    process.stdout.write(`${streamDeclarations.length} streams, ${consumerDeclarations.length} consumers\n`)
  }
}
