/** Names of JetStream streams and durable consumers. Their settings are in deploy/nats. */
export const streams = {
  evaluations: 'EVALUATIONS',
  scores: 'SCORES',
  feed: 'FEED',
  timers: 'TIMERS',
  deadLetters: 'DEAD_LETTERS',
} as const

/** Accepted answers; the sessions are spread over a stream per partition. */
export const answersStream = (partition: number) => `ANSWERS_${partition}` as const

export type StreamName = (typeof streams)[keyof typeof streams] | ReturnType<typeof answersStream>

/** For which every user has its rights. */
export const MAX_PARTITIONS = 4

/** Of a session, for good. The last digits of its id are random. */
export const partitionOf = (sessionId: string, partitions: number): number =>
  partitions === 1 ? 0 : Number.parseInt(sessionId.slice(-8), 16) % partitions

export const durables = {
  /** EVALUATIONS → scorer */
  scorer: 'scorer',
  /** SCORES → leaderboard */
  leaderboard: 'leaderboard',
  /** TIMERS → session */
  timers: 'session-timers',
} as const

/** ANSWERS_0 → evaluator_0, …: one consumer per partition, whatever does the work. */
export const evaluatorDurable = (partition: number) => `evaluator_${partition}` as const

/** Queue groups of core NATS subscriptions: one member gets each message. */
export const queues = {
  session: 'session',
  leaderboard: 'leaderboard',
} as const
