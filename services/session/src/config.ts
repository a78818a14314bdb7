import { databaseUrl, integer, text, url } from '#lib/config'

export const spec = {
  DATABASE_URL: databaseUrl,
  DATABASE_CONNECTIONS: integer('connections to Postgres at the most', { min: 2, max: 100 }, 10),
  PLAYER_SIGNING_KEY: text('file with the private Ed25519 key (JWK) that player tokens are signed with'),
  OPENTDB_URL: url('Open Trivia DB, for imports', ['https', 'http'], 'https://opentdb.com'),
} as const
