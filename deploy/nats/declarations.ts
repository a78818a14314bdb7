import { type ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { answersStream, durables, evaluatorDurable, streams } from '#platform/contract/streams'
import { subjects, wildcards } from '#platform/contract/subjects'
import { workerConsumer } from '#platform/contract/worker-consumer'

const HOURS = 60 * 60 * 1_000

const file = { storage: StorageType.File, retention: RetentionPolicy.Limits } as const
/** A full stream refuses what is published, and the publisher knows: it never drops what it has accepted. */
const kept = { ...file, discard: DiscardPolicy.New } as const

/** Parts in a hundred of the bytes that all streams may have together, where they have a limit. */
const SHARES = { answers: 45, evaluations: 10, scores: 10, feed: 30, timers: 5 } as const

/** What each stream may hold when all together may hold `maxBytes`; streams that are not named have a limit of their own. */
export const byteLimits = (maxBytes: number, partitions: number): ReadonlyMap<string, number> => {
  const part = (share: number): number => Math.floor((maxBytes * share) / 100)
  return new Map<string, number>([
    ...Array.from(
      { length: partitions },
      (_, partition) => [answersStream(partition), part(SHARES.answers / partitions)] as const,
    ),
    [streams.evaluations, part(SHARES.evaluations)],
    [streams.scores, part(SHARES.scores)],
    [streams.feed, part(SHARES.feed)],
    [streams.timers, part(SHARES.timers)],
  ])
}

/** Every stream. Settings with a meaning carry their reason; `num_replicas` is added when they are applied. */
export const streamDeclarations = (partitions: number): readonly (Partial<StreamConfig> & { name: string })[] => [
  // A stream per partition: their leaders are on different servers of a cluster.
  ...Array.from({ length: partitions }, (_, partition) => ({
    ...kept,
    name: answersStream(partition),
    subjects: [subjects.answers(partition), subjects.barrier(partition)],
    max_age: nanos(24 * HOURS),
  })),
  { ...kept, name: streams.evaluations, subjects: [wildcards.evaluations], max_age: nanos(24 * HOURS) },
  {
    ...kept,
    name: streams.scores,
    subjects: [wildcards.scores],
    max_age: nanos(24 * HOURS),
    duplicate_window: nanos(120_000),
  },
  {
    ...kept,
    name: streams.feed,
    subjects: [wildcards.feed],
    max_age: nanos(7 * 24 * HOURS),
    // The outbox may publish a row again long after the first time when a process died in between.
    duplicate_window: nanos(600_000),
    allow_direct: true,
    // Edges listen with core NATS and get Nats-Sequence and Nats-Last-Sequence, by which they notice a hole.
    republish: { src: wildcards.feed, dest: wildcards.liveFeed },
  },
  {
    ...kept,
    name: streams.timers,
    subjects: [wildcards.timers],
    // Longer than any question or pause that a timer waits for.
    max_age: nanos(48 * HOURS),
    duplicate_window: nanos(600_000),
  },
  {
    ...file,
    name: streams.deadLetters,
    subjects: [
      wildcards.dead,
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>',
      '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>',
    ],
    max_age: nanos(30 * 24 * HOURS),
    max_bytes: 256 * 1024 * 1024,
  },
]

type ConsumerDeclaration = { readonly stream: string; readonly config: Partial<ConsumerConfig> }

export const consumerDeclarations = (partitions: number): readonly ConsumerDeclaration[] => [
  ...Array.from({ length: partitions }, (_, partition) => ({
    stream: answersStream(partition),
    config: { ...workerConsumer, durable_name: evaluatorDurable(partition) },
  })),
  { stream: streams.evaluations, config: { ...workerConsumer, durable_name: durables.scorer } },
  { stream: streams.scores, config: { ...workerConsumer, durable_name: durables.leaderboard } },
  {
    stream: streams.timers,
    config: {
      ...workerConsumer,
      durable_name: durables.timers,
      // Every waiting timer is a pending message.
      max_ack_pending: -1,
      // After a restart of the server a delayed redelivery is forgotten and comes after this time instead.
      ack_wait: nanos(5_000),
    },
  },
]
