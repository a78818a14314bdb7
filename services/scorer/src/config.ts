import { databaseUrl, integer } from '#lib/config'

export const configSpec = {
  DATABASE_URL: databaseUrl,
  SCORER_BATCH_ANSWERS: integer('answers written to the ledger by one statement', { min: 1, max: 5_000 }, 500),
} as const
