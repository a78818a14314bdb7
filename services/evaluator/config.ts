import { answerPartitions, databaseUrl, integer } from '#platform/config'

export const configSpec = {
  ANSWER_PARTITIONS: answerPartitions,
  DATABASE_URL: databaseUrl,
  EVALUATOR_CACHED_QUESTIONS: integer(
    'questions whose keys are kept in memory, about 0.5 KB each',
    { min: 1_000, max: 10_000_000 },
    100_000,
  ),
} as const
