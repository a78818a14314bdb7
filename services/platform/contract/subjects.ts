/**
 * Every NATS subject of Podium. Ids go in as they are: they have passed `isId`, so they hold nothing that has a meaning
 * in a subject.
 */
const ROOT = 'podium.v1'

/** In the place of a session's id: the message is about more than one. No session has this id. */
export const SEVERAL = 'several'

export const subjects = {
  answers: (partition: number) => `${ROOT}.answers.${partition}`,
  /** A message behind all that was published to the partition before: once it is stored, none of that can still be stored. */
  barrier: (partition: number) => `${ROOT}.barrier.${partition}`,
  evaluation: (sessionId: string) => `${ROOT}.evaluation.${sessionId}`,
  evaluations: `${ROOT}.evaluation.${SEVERAL}`,
  score: (sessionId: string) => `${ROOT}.score.${sessionId}`,
  scores: `${ROOT}.score.${SEVERAL}`,
  /** How far questions are, for `session`. */
  progress: `${ROOT}.progress`,
  earned: (sessionId: string) => `${ROOT}.earned.${sessionId}`,
  feed: (sessionId: string) => `${ROOT}.feed.${sessionId}`,
  /** Where the server republishes FEED for core subscribers, with Nats-Sequence and Nats-Last-Sequence. */
  liveFeed: (sessionId: string) => `${ROOT}.live.feed.${sessionId}`,
  timer: (sessionId: string) => `${ROOT}.timer.${sessionId}`,
  dead: (stream: string) => `${ROOT}.dead.${stream}`,
  board: (sessionId: string) => `${ROOT}.board.${sessionId}`,
  boardSnapshot: (sessionId: string) => `${ROOT}.board-snapshot.${sessionId}`,
  lobby: (sessionId: string) => `${ROOT}.lobby.${sessionId}`,
  takeover: (sessionId: string) => `${ROOT}.takeover.${sessionId}`,
  /** Between edges: who is connected where. */
  presence: (sessionId: string) => `${ROOT}.presence.${sessionId}`,
  command: (name: CommandName) => `${ROOT}.cmd.${name}`,
} as const

/** Subjects with wildcards, for streams, permissions and shared subscriptions. */
export const wildcards = {
  answers: `${ROOT}.answers.*`,
  barriers: `${ROOT}.barrier.*`,
  evaluations: `${ROOT}.evaluation.*`,
  scores: `${ROOT}.score.*`,
  earned: `${ROOT}.earned.*`,
  feed: `${ROOT}.feed.>`,
  liveFeed: `${ROOT}.live.feed.>`,
  timers: `${ROOT}.timer.*`,
  dead: `${ROOT}.dead.>`,
  boards: `${ROOT}.board.*`,
  boardSnapshots: `${ROOT}.board-snapshot.*`,
  lobbies: `${ROOT}.lobby.*`,
  takeovers: `${ROOT}.takeover.*`,
  presence: `${ROOT}.presence.*`,
  commands: `${ROOT}.cmd.*`,
} as const

/**
 * Prefixes of the subjects at which a service gets replies. Its user may subscribe to no other inbox. PubAcks arrive apart
 * from other replies: services that answer an edge's requests may publish to its inbox, and none of them to where it reads that an
 * answer is stored.
 */
export const inboxes = {
  requests: (service: string) => `_INBOX_${service}`,
  acks: (service: string) => `_ACK_${service}`,
} as const

/** The requests that `session` answers, by the last token of their subject. */
export const COMMANDS = [
  'quiz-create',
  'quiz-get',
  'quiz-list',
  'quiz-replace',
  'quiz-delete',
  'quiz-copy',
  'quiz-export',
  'quiz-import',
  'session-create',
  'session-join',
  'session-leave',
  'session-control',
  'session-remove-player',
  'session-get',
  'session-results',
  'session-roster',
  'session-question-ids',
  'session-answers',
  'session-preview',
  'session-list',
  'session-players',
  'session-display',
  'own-results',
  'own-history',
  'own-mistakes',
] as const

export type CommandName = (typeof COMMANDS)[number]

/** The session id of a subject of the form podium.v1.{kind}.{sessionId}[...]. */
export const sessionIdOf = (subject: string, tokensBefore = 3): string => subject.split('.')[tokensBefore] ?? ''
