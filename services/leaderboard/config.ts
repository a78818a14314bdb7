import { databaseUrl, integer, redisUrl } from '#platform/config'

export const configSpec = {
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  LEADERBOARD_WATCH_MS: integer('time between two looks at the boards in use', { min: 10, max: 60_000 }, 1_000),
} as const
