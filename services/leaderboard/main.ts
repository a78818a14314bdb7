import { systemClock } from '#platform/clock'
import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { onReconnect } from '#platform/nats'
import { patiently } from '#platform/patience'
import { createPool } from '#platform/pg'
import { createJetStreamProbe } from '#platform/probe'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { runService } from '#platform/service'
import { createBoardKeeping } from './board-keeping.ts'
import { configSpec } from './config.ts'
import { createDeltaAnnouncer } from './delta-announcer.ts'
import { createPostgresLedger } from './postgres-ledger.ts'
import { createRecentBoards } from './recent-boards.ts'
import { createRedisBoards } from './redis-boards.ts'
import { createScoreHandler } from './score-handler.ts'
import { serveSnapshots } from './snapshot-service.ts'
import { startTicker } from './ticker.ts'

await runService('leaderboard', configSpec, async ({ config, logger, lifecycle, nats: nc, telemetry }) => {
  const base = { logger, lifecycle, telemetry }
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, max: 4, ...base })
  const redis = connectRedis({ url: config.REDIS_URL, name: config.INSTANCE, ...base })
  const recent = createRecentBoards({ now: systemClock.monotonic })
  const { apply, read, watch } = createBoardKeeping({
    boards: createRedisBoards(redis, telemetry.metrics),
    ledger: createPostgresLedger(pool, logger),
    announcer: createDeltaAnnouncer(nc),
    recent,
  })
  const patience = { what: 'applying', logger, isStopping: lifecycle.isStopping }
  const handle = createScoreHandler((...args) => patiently(() => apply(...args), patience), telemetry.tracing)
  const publisher = createPublisher(nc, { telemetry })
  consume({ nc, publisher, handle, stream: streams.scores, durable: durables.leaderboard, maxBatch: 200, ...base })
  serveSnapshots({ nc, read, ...base })
  startTicker({ what: 'watching', everyMs: config.LEADERBOARD_WATCH_MS, work: watch, ...base })
  void onReconnect(nc, recent.forgetAnnouncements)
  return createJetStreamProbe({ publisher })
})
