/** Names of JetStream streams and durable consumers. Their settings are in deploy/nats. */
export const streams = {
  answers: 'ANSWERS',
  evaluations: 'EVALUATIONS',
  scores: 'SCORES',
  feed: 'FEED',
  timers: 'TIMERS',
  deadLetters: 'DEAD_LETTERS',
  probes: 'PROBES',
} as const

export type StreamName = (typeof streams)[keyof typeof streams]

export const durables = {
  /** ANSWERS → evaluator */
  evaluator: 'evaluator',
  /** EVALUATIONS → scorer */
  scorer: 'scorer',
  /** SCORES → leaderboard */
  leaderboard: 'leaderboard',
  /** TIMERS → session */
  timers: 'session-timers',
} as const

/** Queue groups of core NATS subscriptions: one member gets each message. */
export const queues = {
  session: 'session',
  leaderboard: 'leaderboard',
} as const

/** JetStream error codes that mean something to us. */
export const jsErrors = {
  /** discard_new_per_subject: the subject already holds its one message. */
  subjectTaken: 10077,
} as const
