import { createRedisClient } from '#platform/redis'
import type { BoardRecord } from './board-check.ts'

const TIMEOUT_MS = 5_000

export interface BoardSource {
  read(sessionId: string): Promise<BoardRecord>
  close(): void
}

/** @throws when the server cannot be reached */
export const connectBoards = async (redisUrl: string): Promise<BoardSource> => {
  const redis = createRedisClient(redisUrl, {
    lazyConnect: true,
    connectionName: 'verify',
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // The command under way fails with the same error.
  redis.on('error', () => undefined)
  await redis.connect()

  return {
    read: async (sessionId) => {
      const key = (part: string) => `podium:{${sessionId}}:${part}`
      // One moment for all three.
      const replies = await redis
        .multi()
        .zrevrange(key('board'), 0, -1, 'WITHSCORES')
        .hgetall(key('players'))
        .hgetall(key('meta'))
        .exec()
      const [members, players, meta] = (replies ?? []).map(([error, reply]) => {
        if (error !== null) throw error
        return reply
      }) as [string[], Record<string, string>, Record<string, string>]
      return {
        exists: members.length > 0 || Object.keys(meta).length > 0,
        epoch: numberOf(meta.epoch),
        version: numberOf(meta.version),
        members: pairs(members),
        versions: new Map(Object.entries(players).map(([playerId, text]) => [playerId, Number.parseInt(text, 10)])),
      }
    },
    close: () => redis.disconnect(),
  }
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const pairs = (flat: readonly string[]): { member: string; packed: number }[] => {
  const found: { member: string; packed: number }[] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    found.push({ member: flat[index] ?? '', packed: Number(flat[index + 1]) })
  }
  return found
}
