import { systemClock } from '#platform/clock'
import { answersQueries, createPool } from '#platform/pg'
import { runService } from '#platform/service'
import { startTokenVerifier } from '#platform/tokens/config'
import { joinPoliciesOf, spec, wordFilterOf } from './config.ts'
import { createHistoryCheck } from './recovery/history.ts'
import { startSessionService } from './service.ts'

/** Verified tokens that are remembered, some 900 bytes each: most players send one here once. */
const MAX_TOKENS = 10_000

await runService('session', spec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const common = {
    url: config.DATABASE_URL,
    name: config.INSTANCE,
    logger,
    lifecycle,
    telemetry,
    check: createHistoryCheck({ url: config.DATABASE_URL, nats, logger }),
  }
  const pool = createPool({ ...common, max: config.DATABASE_CONNECTIONS })
  await startSessionService({
    pool,
    resultsPool: createPool({ ...common, max: config.RESULTS_CONNECTIONS, isObserved: false }),
    nats,
    tokens: await startTokenVerifier({ config, clock: systemClock, logger, maxTokens: MAX_TOKENS }),
    signingKeyFile: config.PLAYER_SIGNING_KEY,
    openTdbUrl: config.OPENTDB_URL,
    answerPartitions: config.ANSWER_PARTITIONS,
    joinPolicies: joinPoliciesOf(config),
    maxExtensionMs: config.MAX_EXTENSION_MS,
    personalDataDays: config.PERSONAL_DATA_DAYS,
    mediaHosts: config.MEDIA_HOSTS,
    quotas: { liveSessions: config.MAX_LIVE_SESSIONS, quizzes: config.MAX_QUIZZES },
    isAllowedNickname: await wordFilterOf(config),
    lifecycle,
    logger,
    clock: systemClock,
    telemetry,
  })
  return answersQueries(pool)
})
