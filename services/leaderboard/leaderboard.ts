import { consume } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { onReconnect } from '#platform/nats'
import type { Pool } from '#platform/pg'
import type { Publisher } from '#platform/publisher'
import type { Redis } from '#platform/redis'
import { retryWhileUnavailable } from '#platform/retry'
import type { Service } from '#platform/service'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import { createAnnounce, serveSnapshots } from './board-messages.ts'
import { type BoardsUseCase, createBoards } from './boards.ts'
import type { configSpec } from './config.ts'
import { repeatEvery } from './every.ts'
import { createBeginEpoch } from './ledger.ts'
import { createRedisBoards } from './redis-boards.ts'
import { createScoreHandler } from './score-handler.ts'

/** Keeps the boards until the stop. `onApplied`: something of SCORES is on its board. */
export const startLeaderboard = (
  { config, logger, lifecycle, nats: nc, telemetry }: Service<typeof configSpec>,
  {
    pool,
    redis,
    publisher,
    onApplied = () => undefined,
  }: { readonly pool: Pool; readonly redis: Redis; readonly publisher: Publisher; readonly onApplied?: () => void },
): BoardsUseCase => {
  const base = { nc, logger, lifecycle, telemetry }
  const boards = createBoards(
    createRedisBoards(redis, telemetry.metrics),
    createBeginEpoch(pool, createRuleBook(RULES), logger),
    createAnnounce(nc),
  )
  const retry = { what: 'applying', logger, isStopping: lifecycle.isStopping }
  const handle = createScoreHandler(async (...args) => {
    const outcome = await retryWhileUnavailable(() => boards.apply(...args), retry)
    if (outcome === 'applied') onApplied()
    return outcome
  }, telemetry.tracing)
  consume({ publisher, handle, stream: streams.scores, durable: durables.leaderboard, maxBatch: 200, ...base })
  serveSnapshots({ read: boards.read, ...base })
  repeatEvery(config.LEADERBOARD_WATCH_MS, 'watching', boards.watch, base)
  void onReconnect(nc, boards.forgetAnnouncements)
  return boards
}
