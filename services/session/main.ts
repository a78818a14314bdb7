import { systemClock } from '#platform/clock'
import { createPool } from '#platform/pg'
import { runService } from '#platform/service'
import { joinPoliciesOf, spec, wordFilterOf } from './config.ts'
import { startSessionService } from './service.ts'

await runService('session', spec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const pool = createPool({
    url: config.DATABASE_URL,
    name: config.INSTANCE,
    max: config.DATABASE_CONNECTIONS,
    logger,
    lifecycle,
    telemetry,
  })
  await startSessionService({
    pool,
    nats,
    signingKeyFile: config.PLAYER_SIGNING_KEY,
    openTdbUrl: config.OPENTDB_URL,
    joinPolicies: joinPoliciesOf(config),
    isAllowedNickname: await wordFilterOf(config),
    lifecycle,
    logger,
    clock: systemClock,
    telemetry,
  })
  return async () => {
    await pool.query('SELECT 1')
    return true
  }
})
