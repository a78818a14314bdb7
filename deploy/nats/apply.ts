import { parseArgs } from 'node:util'
import {
  type ConsumerConfig,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { MAX_PARTITIONS } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import { consumerDeclarations, streamDeclarations } from './declarations.ts'

export interface DeclarationOptions {
  /** Copies of each stream. Default 1. */
  readonly replicas?: number
  /** Streams that the answers are spread over. Default 1. */
  readonly partitions?: number
}

/** The stream of versions that stored a message for every answer. */
const FORMER_ANSWERS = 'ANSWERS'

/**
 * Creates or updates every stream and durable consumer. Safe to repeat.
 * @throws Error, with what to do, when there are streams that no service of these settings would read
 */
export const applyDeclarations = async (
  natsUrl: string,
  { replicas = 1, partitions = 1 }: DeclarationOptions = {},
): Promise<void> => {
  const nc = await connect({ ...natsOptions(natsUrl, 'admin'), name: 'declarations', timeout: 5_000 })
  try {
    const manager = await jetstreamManager(nc, { timeout: 10_000 })
    await refuseOthers(manager, partitions)
    for (const declaration of streamDeclarations(partitions)) {
      await applyStream(manager, { ...declaration, num_replicas: replicas })
    }
    const consumers = consumerDeclarations(partitions)
    await Promise.all(consumers.map(({ stream, config }) => applyConsumer(manager, stream, config)))
  } finally {
    await nc.close()
  }
}

const refuseOthers = async (manager: JetStreamManager, partitions: number): Promise<void> => {
  for await (const name of manager.streams.names()) {
    if (name === FORMER_ANSWERS) {
      throw new Error(
        'the stream ANSWERS holds answers as an earlier version stored them, which this one does not read: ' +
          'finish all sessions with that version and delete the stream, or, for a development stack, `make clean`',
      )
    }
    const partition = Number(/^ANSWERS_(\d+)$/.exec(name)?.[1] ?? -1)
    if (partition >= partitions) {
      throw new Error(
        `the stream ${name} exists, so ANSWER_PARTITIONS has been ${partition + 1} or more: with ${partitions} its answers ` +
          'would not be read and running sessions would move; delete it when no session runs and its consumer has no lag',
      )
    }
  }
}

const applyStream = async (
  manager: JetStreamManager,
  config: ReturnType<typeof streamDeclarations>[number] & { num_replicas: number },
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

/** One that was set back (services/session/recovery) keeps the place where it began, which no update may change. */
const applyConsumer = async (
  manager: JetStreamManager,
  stream: string,
  config: Partial<ConsumerConfig>,
): Promise<void> => {
  const begun = await manager.consumers.info(stream, config.durable_name ?? '').catch((err: unknown) => {
    if (err instanceof JetStreamApiError && err.code === JetStreamApiCodes.ConsumerNotFound) return undefined
    throw err
  })
  const { deliver_policy, opt_start_seq } = begun?.config ?? config
  await manager.consumers.add(stream, {
    ...config,
    ...(deliver_policy && { deliver_policy }),
    ...(opt_start_seq && { opt_start_seq }),
  })
}

const USAGE = `Usage: node deploy/nats/apply.ts [--replicas N] [--partitions N]

Creates or updates the streams and durable consumers on the server at NATS_URL. The defaults are JS_REPLICAS and
ANSWER_PARTITIONS, or else 1.
`

/** @throws Error when a number is none that can be */
export const declarationOptions = (replicas = '1', partitions = '1'): Required<DeclarationOptions> => {
  if (!['1', '3', '5'].includes(replicas)) throw new Error('replicas must be 1, 3 or 5')
  const count = Number(partitions)
  if (!Number.isInteger(count) || count < 1 || count > MAX_PARTITIONS) {
    throw new Error(`ANSWER_PARTITIONS must be a whole number from 1 to ${MAX_PARTITIONS}`)
  }
  return { replicas: Number(replicas), partitions: count }
}

if (import.meta.main) {
  const { NATS_URL: url, JS_REPLICAS: replicas, ANSWER_PARTITIONS: partitions } = process.env
  const { values } = parseArgs({
    options: { replicas: { type: 'string' }, partitions: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    process.stdout.write(USAGE)
  } else if (url === undefined) {
    process.stderr.write(`NATS_URL must be set.\n\n${USAGE}`)
    process.exitCode = 2
  } else {
    await applyDeclarations(url, declarationOptions(values.replicas ?? replicas, values.partitions ?? partitions))
    process.stdout.write('streams and consumers are as declared\n')
  }
}
