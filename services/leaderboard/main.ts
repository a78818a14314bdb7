import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { createJetStreamProbe } from '#platform/health'
import { onReconnect } from '#platform/nats'
import { createPool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { connectRedis } from '#platform/redis'
import { retryWhileUnavailable } from '#platform/retry'
import { runService } from '#platform/service'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import { createAnnounce, serveSnapshots } from './board-messages.ts'
import { createBoards } from './boards.ts'
import { configSpec } from './config.ts'
import { repeatEvery } from './every.ts'
import { createBeginEpoch } from './ledger.ts'
import { createRedisBoards } from './redis-boards.ts'
import { createScoreHandler } from './score-handler.ts'

await runService('leaderboard', configSpec, async ({ config, logger, lifecycle, nats: nc, telemetry }) => {
  const base = { logger, lifecycle, telemetry }
  const pool = createPool({ url: config.DATABASE_URL, name: config.INSTANCE, max: 4, ...base })
  const redis = connectRedis({ url: config.REDIS_URL, name: config.INSTANCE, ...base })
  const boards = createBoards(
    createRedisBoards(redis, telemetry.metrics),
    createBeginEpoch(pool, createRuleBook(RULES), logger),
    createAnnounce(nc),
  )
  const retry = { what: 'applying', logger, isStopping: lifecycle.isStopping }
  const handle = createScoreHandler(
    (...args) => retryWhileUnavailable(() => boards.apply(...args), retry),
    telemetry.tracing,
  )
  const publisher = createPublisher(nc, { telemetry })
  consume({ nc, publisher, handle, stream: streams.scores, durable: durables.leaderboard, maxBatch: 200, ...base })
  serveSnapshots({ nc, read: boards.read, ...base })
  repeatEvery(config.LEADERBOARD_WATCH_MS, 'watching', boards.watch, base)
  void onReconnect(nc, boards.forgetAnnouncements)
  return createJetStreamProbe({ publisher })
})
