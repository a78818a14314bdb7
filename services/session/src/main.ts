import { systemClock } from '#lib/clock'
import { createPool } from '#lib/pg'
import { runService } from '#lib/service'
import { startSessionService } from './adapters/service.ts'
import { joinPoliciesOf, spec } from './config.ts'

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
    nicknameWordsFile: config.NICKNAME_WORDS_FILE,
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
