import { systemClock } from '#lib/clock'
import { consume } from '#lib/consumer'
import { durables, streams } from '#lib/contract/streams'
import { onReconnect } from '#lib/nats'
import { patiently } from '#lib/patience'
import { createPool } from '#lib/pg'
import { createJetStreamProbe } from '#lib/probe'
import { createPublisher } from '#lib/publisher'
import { connectRedis } from '#lib/redis'
import { runService } from '#lib/service'
import { createDeltaAnnouncer } from './adapters/delta-announcer.ts'
import { createPostgresLedger } from './adapters/postgres-ledger.ts'
import { createRedisBoards } from './adapters/redis-boards.ts'
import { createScoreHandler } from './adapters/score-handler.ts'
import { serveSnapshots } from './adapters/snapshot-service.ts'
import { startTicker } from './adapters/ticker.ts'
import { createBoardKeeping } from './app/board-keeping.ts'
import { createRecentBoards } from './app/recent-boards.ts'
import { configSpec } from './config.ts'

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
