import { readFile } from 'node:fs/promises'
import { answerPartitions, type Config, databaseUrl, integer, list, rate, type Spec, text, url } from '#platform/config'
import { tokenSpec } from '#platform/tokens/config'
import { createWordFilter, parseWords, type WordFilter } from '../game/word-filter.ts'
import type { JoinPolicies } from './players/join-limits.ts'

export const spec = {
  ANSWER_PARTITIONS: answerPartitions,
  DATABASE_URL: databaseUrl,
  DATABASE_CONNECTIONS: integer('connections to Postgres at the most', { min: 2, max: 100 }, 10),
  RESULTS_CONNECTIONS: integer('more connections to Postgres, for reading results', { min: 1, max: 100 }, 3),
  ...tokenSpec,
  PLAYER_SIGNING_KEY: text('file with the private Ed25519 key (JWK) that player tokens are signed with'),
  OPENTDB_URL: url('Open Trivia DB, for imports', ['https', 'http'], 'https://opentdb.com'),
  NICKNAME_WORDS_FILE: text('file with words that no nickname may hold, one a line', ''),
  PERSONAL_DATA_DAYS: integer(
    'days after the end of a session until nicknames, user ids and typed answers in it are erased',
    { min: 1, max: 36_500 },
    365,
  ),
  MAX_EXTENSION_MS: integer(
    'ms by which a question is extended at the most while no answer could be stored, all outages together; 0 = never',
    { min: 0, max: 600_000 },
    30_000,
  ),
  RATE_JOIN_FAILURES: rate('joins of sessions that do not exist, of all guests together', '3000/100'),
  RATE_JOIN_FAILURES_ADDRESS: rate('the same of guests from one address', '300/5'),
  RATE_JOIN_FAILURES_USER: rate('the same of one user', '20/0.2'),
  RATE_SESSION_JOINS: rate('attempts of users, and apart from them of guests, to join one session', '20000/1000'),
  RATE_GUEST_JOINS: rate('attempts of guests from one address to join one session', '2000/50'),
  MEDIA_HOSTS: list('hosts that pictures and recordings of quizzes may lie on, with those below them; none = all', ''),
  MAX_LIVE_SESSIONS: integer('sessions of one host that are not over', { min: 1, max: 1_000_000 }, 500),
  MAX_QUIZZES: integer('quizzes of one host', { min: 1, max: 1_000_000 }, 5_000),
} as const satisfies Spec

export const joinPoliciesOf = (config: Config<typeof spec>): JoinPolicies => ({
  failures: config.RATE_JOIN_FAILURES,
  failuresPerAddress: config.RATE_JOIN_FAILURES_ADDRESS,
  failuresPerUser: config.RATE_JOIN_FAILURES_USER,
  perSession: config.RATE_SESSION_JOINS,
  guestsPerAddress: config.RATE_GUEST_JOINS,
})

/** Words that no nickname may hold, none by default. Read once. @throws Error when the file cannot be read */
export const wordFilterOf = async ({
  NICKNAME_WORDS_FILE: file,
}: Pick<Config<typeof spec>, 'NICKNAME_WORDS_FILE'>): Promise<WordFilter> =>
  createWordFilter(file === '' ? [] : parseWords(await readFile(file, 'utf8')))
