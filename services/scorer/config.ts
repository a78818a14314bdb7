import { databaseUrl, integer } from '#platform/config'

export const configSpec = {
  DATABASE_URL: databaseUrl,
  SCORER_BATCH_ANSWERS: integer('answers written to the ledger by one statement', { min: 1, max: 5_000 }, 500),
  SCORER_PACE_MS: integer(
    'least time between two statements while answers keep coming; longer makes them larger and cheaper',
    { min: 0, max: 1_000 },
    12,
  ),
} as const
