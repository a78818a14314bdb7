import {
  answersStream,
  durables,
  evaluatorDurable,
  MAX_PARTITIONS,
  type StreamName,
  streams,
} from '#platform/contract/streams'
import { inboxes, subjects, wildcards } from '#platform/contract/subjects'

/** Who connects to NATS. `admin` declares streams, and reads and repairs by hand; no service has its rights. */
export const natsUsers = ['edge', 'session', 'evaluator', 'scorer', 'leaderboard', 'worker', 'verify', 'admin'] as const
export type NatsUser = (typeof natsUsers)[number]

/** What a user may do; everything else is refused. */
export interface NatsRights {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  /** Taken from `publish` again. */
  readonly neverPublish?: readonly string[]
}

const ANY = '*'

const inboxesOf = (user: NatsUser) => [`${inboxes.requests(user)}.>`, `${inboxes.acks(user)}.>`]

/** Pulling from a durable consumer, settling what it delivers, and dead-lettering what cannot be handled. */
const consuming = (stream: StreamName, durable: string): readonly string[] => [
  `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
  // The second form of these subjects, with domain and account in front; servers from 2.15 on may use it.
  `$JS.ACK.*.*.${stream}.${durable}.>`,
  subjects.dead(stream),
]

/** Of every partition there may be. */
const ofPartitions = (rights: (partition: number) => readonly string[]): readonly string[] =>
  Array.from({ length: MAX_PARTITIONS }, (_, partition) => rights(partition)).flat()

const consumingAnswers = ofPartitions((partition) => consuming(answersStream(partition), evaluatorDurable(partition)))
/** Reading a stream to its end through a consumer made for that. */
const readingAll = (stream: StreamName, subject: string): readonly string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${ANY}.${subject}`,
  `$JS.API.CONSUMER.INFO.${stream}.${ANY}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${ANY}`,
  `$JS.API.CONSUMER.DELETE.${stream}.${ANY}`,
]

/** Taken from it again: the consumer of a worker. */
const neverTouching = (stream: StreamName, durable: string, subject: string): readonly string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}.${subject}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.API.CONSUMER.DELETE.${stream}.${durable}`,
]

/** Reading single messages back, from any replica and from the leader. */
const readingBack = (stream: StreamName, subject: string): readonly string[] => [
  `$JS.API.DIRECT.GET.${stream}.${subject}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
]

/**
 * The rights of every user, from which the server's configuration is made. Replies go to the inbox of who asked by a rule of
 * their own, not by the server's `allow_responses`: that keeps every reply subject it has delivered until it expires, and
 * a service that also hears messages it never answers makes the server search thousands of them for each one.
 */
export const natsRights: Readonly<Record<NatsUser, NatsRights>> = {
  edge: {
    publish: [
      wildcards.answers,
      wildcards.commands,
      wildcards.boardSnapshots,
      wildcards.presence,
      `$JS.API.DIRECT.GET.${streams.feed}`,
      ...readingBack(streams.feed, wildcards.feed),
    ],
    subscribe: [
      ...inboxesOf('edge'),
      wildcards.liveFeed,
      wildcards.earned,
      wildcards.boards,
      wildcards.lobbies,
      wildcards.takeovers,
      wildcards.presence,
    ],
  },
  session: {
    publish: [
      wildcards.feed,
      wildcards.timers,
      // New and removed players, for the board.
      wildcards.scores,
      wildcards.lobbies,
      wildcards.takeovers,
      `${inboxes.requests('edge')}.>`,
      ...consuming(streams.timers, durables.timers),
      // How far the workers are, before a question is closed or an answer is said not to be there.
      wildcards.barriers,
      ...ofPartitions((partition) => [
        `$JS.API.CONSUMER.INFO.${answersStream(partition)}.${evaluatorDurable(partition)}`,
      ]),
      `$JS.API.STREAM.INFO.${streams.evaluations}`,
      `$JS.API.CONSUMER.INFO.${streams.evaluations}.${durables.scorer}`,
      // After a failover or restore of Postgres: what feeds and boards were told, and the evaluator set back.
      ...readingAll(streams.feed, wildcards.feed),
      ...readingAll(streams.scores, wildcards.scores),
      ...ofPartitions((partition) => [
        `$JS.API.STREAM.INFO.${answersStream(partition)}`,
        `$JS.API.CONSUMER.CREATE.${answersStream(partition)}.${ANY}`,
        `$JS.API.CONSUMER.DELETE.${answersStream(partition)}.${ANY}`,
      ]),
    ],
    // The leaderboard's own, which only the leaderboard may read.
    neverPublish: neverTouching(streams.scores, durables.leaderboard, wildcards.scores),
    subscribe: [...inboxesOf('session'), wildcards.commands, subjects.progress],
  },
  evaluator: {
    publish: [wildcards.evaluations, ...consumingAnswers],
    subscribe: inboxesOf('evaluator'),
  },
  scorer: {
    publish: [
      wildcards.scores,
      wildcards.earned,
      subjects.progress,
      ...consuming(streams.evaluations, durables.scorer),
    ],
    subscribe: inboxesOf('scorer'),
  },
  leaderboard: {
    publish: [wildcards.boards, `${inboxes.requests('edge')}.>`, ...consuming(streams.scores, durables.leaderboard)],
    subscribe: [...inboxesOf('leaderboard'), wildcards.boardSnapshots],
  },
  // The three in one process. Its rights are those of all of them: who has it in hand could do what each of them can.
  worker: {
    publish: [
      wildcards.evaluations,
      wildcards.scores,
      wildcards.earned,
      subjects.progress,
      wildcards.boards,
      `${inboxes.requests('edge')}.>`,
      ...consumingAnswers,
      ...consuming(streams.evaluations, durables.scorer),
      ...consuming(streams.scores, durables.leaderboard),
    ],
    subscribe: [...inboxesOf('worker'), wildcards.boardSnapshots],
  },
  // Reads all accepted answers of a session through a consumer of its own, and must leave that of the evaluator alone.
  verify: {
    publish: ofPartitions((partition) => readingAll(answersStream(partition), subjects.answers(partition))),
    neverPublish: ofPartitions((partition) =>
      neverTouching(answersStream(partition), evaluatorDurable(partition), '>'),
    ),
    subscribe: inboxesOf('verify'),
  },
  admin: { publish: ['>'], subscribe: ['>'] },
}
