import { parseArgs } from 'node:util'
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { MAX_PARTITIONS } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import { type Change, consumerChanges, describeChange, streamChanges } from './changes.ts'
import { byteLimits, consumerDeclarations, streamDeclarations } from './declarations.ts'

export interface DeclarationOptions {
  /** Copies of each stream. Default: an existing one keeps its number, a new one gets as many as the others have, at least 1. */
  readonly replicas?: number | undefined
  /** Streams that the answers are spread over. Default 1. */
  readonly partitions?: number
  /** What new streams may hold together, in bytes; beyond it they refuse. Default: no limit. */
  readonly maxBytes?: number
  /** Gives streams that exist their part of `maxBytes` too. Default false: they keep their limits. */
  readonly resize?: boolean
  /** Also makes changes that keep less: fewer copies, shorter ages, smaller limits, subjects that no stream takes. Default false. */
  readonly allowWeaker?: boolean
}

/** The stream of versions that stored a message for every answer. */
const FORMER_ANSWERS = 'ANSWERS'

/**
 * Creates every stream and durable consumer that is missing and brings those that exist to their declarations. First it looks
 * at all of them: when a change would keep less than there is, or cannot be made, nothing is changed. Safe to repeat. Returns
 * what it changed, one line each.
 * @throws Error, with what to do, also when there are streams that no service of these settings would read
 */
export const applyDeclarations = async (
  natsUrl: string,
  { replicas, partitions = 1, maxBytes, resize = false, allowWeaker = false }: DeclarationOptions = {},
): Promise<readonly string[]> => {
  const nc = await connect({ ...natsOptions(natsUrl, 'admin'), name: 'declarations', timeout: 5_000 })
  try {
    const manager = await jetstreamManager(nc, { timeout: 10_000 })
    await refuseOthers(manager, partitions)
    const streams = await Promise.all(
      streamDeclarations(partitions).map(async (declared) => ({
        declared,
        existing: await streamOf(manager, declared),
      })),
    )
    // A stream that is new in a cluster gets as many copies as those that are there.
    const limits = maxBytes === undefined ? undefined : byteLimits(maxBytes, partitions)
    const most = Math.max(1, ...streams.map(({ existing }) => existing?.num_replicas ?? 1))
    const plans = [
      ...streams.map(({ declared, existing }) => {
        const limit = existing === undefined || resize ? limits?.get(declared.name) : undefined
        const limited = limit === undefined ? declared : { ...declared, max_bytes: limit }
        return planStream(manager, limited, existing, { replicas, most })
      }),
      ...(await Promise.all(consumerDeclarations(partitions).map((declared) => planConsumer(manager, declared)))),
    ].filter((plan) => plan !== undefined)
    refuse(plans, allowWeaker)
    const done: string[] = []
    for (const { name, changes, apply } of plans) {
      await apply()
      done.push(...(changes?.map((change) => describeChange(name, change)) ?? [`${name}: created`]))
    }
    return done
  } finally {
    await nc.close()
  }
}

/** What has to be done about one stream or consumer. Without `changes` it does not exist yet. */
interface Plan {
  readonly name: string
  readonly changes?: readonly Change[]
  apply(): Promise<unknown>
}

/** @throws Error that names every change that is not made, and what to do */
const refuse = (plans: readonly Plan[], allowWeaker: boolean): void => {
  const linesOf = (kind: Change['kind']): readonly string[] =>
    plans.flatMap(({ name, changes = [] }) =>
      changes.filter((change) => change.kind === kind).map((change) => `  ${describeChange(name, change)}`),
    )
  const impossible = linesOf('impossible')
  const weaker = allowWeaker ? [] : linesOf('weaker')
  if (impossible.length + weaker.length === 0) return
  throw new Error(
    [
      'nothing was changed.',
      ...(weaker.length === 0
        ? []
        : [
            'These changes would keep less than the server keeps now:',
            ...weaker,
            'If that is meant, run it with --allow-weaker or ALLOW_WEAKER=1. Without JS_REPLICAS every stream keeps its copies.',
          ]),
      ...(impossible.length === 0
        ? []
        : [
            'These cannot be changed on what exists:',
            ...impossible,
            'A consumer: stop its workers, delete it (`nats consumer rm STREAM CONSUMER`) and run this again; it begins at the start of ' +
              'its stream, and what counted already does not count twice. A stream: finish all sessions, see that its consumers ' +
              'have no lag, delete it (`nats stream rm STREAM`) and run this again.',
          ]),
    ].join('\n'),
  )
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

const unlessMissing = async <T>(code: number, info: Promise<T>): Promise<T | undefined> => {
  try {
    return await info
  } catch (err) {
    if (err instanceof JetStreamApiError && err.code === code) return undefined
    throw err
  }
}

const streamOf = async (manager: JetStreamManager, { name }: { readonly name: string }) =>
  (await unlessMissing(JetStreamApiCodes.StreamNotFound, manager.streams.info(name)))?.config

const planStream = (
  manager: JetStreamManager,
  declared: ReturnType<typeof streamDeclarations>[number],
  existing: StreamConfig | undefined,
  { replicas, most }: { readonly replicas: number | undefined; readonly most: number },
): Plan | undefined => {
  const { name } = declared
  if (existing === undefined) {
    const config = { ...declared, num_replicas: replicas ?? most }
    return { name, apply: () => manager.streams.add(config) }
  }
  const config = { ...declared, ...(replicas !== undefined && { num_replicas: replicas }) }
  const changes = streamChanges(existing, config)
  return changes.length === 0 ? undefined : { name, changes, apply: () => manager.streams.update(name, config) }
}

const planConsumer = async (
  manager: JetStreamManager,
  { stream, config }: ReturnType<typeof consumerDeclarations>[number],
): Promise<Plan | undefined> => {
  const { durable_name: durable = '' } = config
  const name = `${stream} ${durable}`
  const existing = await unlessMissing(JetStreamApiCodes.ConsumerNotFound, consumerOf(manager, stream, durable))
  if (existing === undefined) return { name, apply: () => manager.consumers.add(stream, config) }
  const changes = consumerChanges(existing.config, config)
  const changed = Object.fromEntries(changes.map(({ field, to }) => [field, to]))
  return changes.length === 0
    ? undefined
    : { name, changes, apply: () => manager.consumers.update(stream, durable, changed) }
}

/** Undefined where there is no such stream either. */
const consumerOf = async (manager: JetStreamManager, stream: string, durable: string) =>
  unlessMissing(JetStreamApiCodes.StreamNotFound, manager.consumers.info(stream, durable))

const USAGE = `Usage: node deploy/nats/apply.ts [--replicas N] [--partitions N] [--allow-weaker]

Creates the streams and durable consumers on the server at NATS_URL and brings those that exist to their declarations. The
defaults are JS_REPLICAS, without which every stream keeps the copies it has and a new one gets as many, and ANSWER_PARTITIONS,
or else 1. What all streams may hold together is STREAMS_MAX_BYTES (default 4 GiB for new ones; those that exist keep their
limits): a full one refuses messages, and drops none. Fewer copies, shorter ages, smaller limits are refused, with nothing changed, unless --allow-weaker or
ALLOW_WEAKER=1 says that they are meant.
`

/** Of new streams: room for some 14 million answers a day, and 10,000 sessions of 20 questions a week. A server reserves it. */
const DEFAULT_MAX_BYTES = 4 * 1024 ** 3
const LEAST_MAX_BYTES = 64 * 1024 ** 2

/** @throws Error when a number is none that can be */
export const declarationOptions = (
  replicas: string | undefined,
  partitions = '1',
  maxBytes?: string,
): Omit<DeclarationOptions, 'allowWeaker'> => {
  if (replicas !== undefined && !['1', '3', '5'].includes(replicas)) throw new Error('replicas must be 1, 3 or 5')
  const count = Number(partitions)
  if (!Number.isInteger(count) || count < 1 || count > MAX_PARTITIONS) {
    throw new Error(`ANSWER_PARTITIONS must be a whole number from 1 to ${MAX_PARTITIONS}`)
  }
  const bytes = Number(maxBytes ?? DEFAULT_MAX_BYTES)
  if (!Number.isSafeInteger(bytes) || bytes < LEAST_MAX_BYTES) {
    throw new Error(`STREAMS_MAX_BYTES must be a whole number of bytes from ${LEAST_MAX_BYTES}`)
  }
  return {
    replicas: replicas === undefined ? undefined : Number(replicas),
    partitions: count,
    maxBytes: bytes,
    resize: maxBytes !== undefined,
  }
}

if (import.meta.main) {
  const {
    NATS_URL: url,
    JS_REPLICAS: replicas,
    ANSWER_PARTITIONS: partitions,
    STREAMS_MAX_BYTES: maxBytes,
    ALLOW_WEAKER,
  } = process.env
  const { values } = parseArgs({
    options: {
      replicas: { type: 'string' },
      partitions: { type: 'string' },
      'allow-weaker': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    process.stdout.write(USAGE)
  } else if (url === undefined) {
    process.stderr.write(`NATS_URL must be set.\n\n${USAGE}`)
    process.exitCode = 2
  } else {
    const done = await applyDeclarations(url, {
      ...declarationOptions(
        values.replicas ?? (replicas || undefined),
        values.partitions ?? partitions,
        maxBytes || undefined,
      ),
      allowWeaker: values['allow-weaker'] ?? ALLOW_WEAKER === '1',
    })
    for (const line of done) process.stdout.write(`${line}\n`)
    process.stdout.write('streams and consumers are as declared\n')
  }
}
