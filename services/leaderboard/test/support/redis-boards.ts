import { newId } from '#platform/ids'
import { connectRedis } from '#platform/redis'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { silentLogger, testLifecycle } from '../../../platform/test/support/process.ts'
import { startRedis } from '../../../platform/test/support/redis.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import { createRedisBoards } from '../../redis-boards.ts'

/** Boards on a Redis of the test's own, and the id of a session without a board. */
export const createBoards = async (t: TestContext) => {
  const server = await startRedis(t)
  const redis = connectRedis({ url: server.url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t) })
  await eventually(() => redis.status === 'ready')
  return { server, redis, boards: createRedisBoards(redis), sessionId: newId() }
}

export const keyOf = (sessionId: string, name: 'board' | 'players' | 'meta'): string => `podium:{${sessionId}}:${name}`
