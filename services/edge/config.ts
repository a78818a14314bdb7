import { answerPartitions, type Config, integer, list, rate, type Spec, text } from '#platform/config'
import { tokenSpec } from '#platform/tokens/config'
import type { RatePolicies } from './auth/authentication.ts'

/** Environment of the edge, besides what every service has. */
export const edgeSpec = {
  ANSWER_PARTITIONS: answerPartitions,
  EDGE_HOST: text('address that clients reach', '127.0.0.1'),
  EDGE_PORT: integer(
    'port that clients reach, shared by all copies on a machine; 0 = any',
    { min: 0, max: 65_535 },
    8080,
  ),
  EDGE_TLS_CERT_FILE: text('file with the certificate chain (PEM); without it the edge speaks plain HTTP', ''),
  EDGE_TLS_KEY_FILE: text('file with the private key of the certificate (PEM)', ''),
  ...tokenSpec,
  CORS_ORIGINS: list('origins whose pages may use the API, comma-separated, such as https://play.example; * = all', ''),
  TRUSTED_PROXIES: list('addresses and networks of proxies whose X-Forwarded-For is believed, comma-separated', ''),
  RATE_ANSWERS: rate('answers of one player', '10/5'),
  RATE_COMMANDS: rate('commands of one user', '200/20'),
  RATE_IMPORTS: rate('imports of one user', '20/1'),
  RATE_JOINS: rate('joins of one user', '50/5'),
  RATE_ADDRESS: rate('requests without a token from one address', '50000/2000'),
  RATE_INVALID_TOKENS: rate('invalid tokens from one address', '1000/50'),
  MAX_CONNECTIONS: integer('open connections at which further requests get 503', { min: 1, max: 1_000_000 }, 30_000),
  MAX_REQUESTS: integer('requests under way at which further ones get 503', { min: 1, max: 1_000_000 }, 20_000),
  MAX_STREAMS: integer('streams at which further ones get 503', { min: 1, max: 1_000_000 }, 25_000),
  MAX_TOKENS: integer(
    'verified tokens that are remembered; should be above the players who answer at the same time',
    { min: 1_000, max: 10_000_000 },
    100_000,
  ),
  MAX_LATENESS_MS: integer(
    'lateness of the event loop at which joining and opening streams is refused (503)',
    { min: 50, max: 60_000 },
    1_000,
  ),
  SLOW_REQUEST_MS: integer(
    'milliseconds from which on a request is recorded in a trace although it was not sampled',
    { min: 1, max: 60_000 },
    500,
  ),
  BOARD_INTERVAL_MS: integer(
    'milliseconds between boards to players while a question is open',
    { min: 100, max: 5_000 },
    250,
  ),
  RESUME_WAIT_MS: integer(
    'milliseconds that a new WebSocket has to say where to resume, before it gets a snapshot',
    { min: 50, max: 10_000 },
    500,
  ),
  DRAIN_DELAY_MS: integer(
    'milliseconds between readiness 503 and the end of listening at stop, for load balancers to notice',
    { min: 0, max: 3_000 },
    0,
  ),
} as const satisfies Spec

export const ratesOf = (config: Config<typeof edgeSpec>): RatePolicies => ({
  commands: config.RATE_COMMANDS,
  imports: config.RATE_IMPORTS,
  joins: config.RATE_JOINS,
  address: config.RATE_ADDRESS,
  invalidTokens: config.RATE_INVALID_TOKENS,
})
