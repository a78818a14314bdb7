import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { serveParent } from '../../lib/processes.ts'
import { createSocketServer } from './socket-server.ts'

/**
 * The worker: polls the outbox, applies a batch to the board with one script and tells the rooms, through the adapter. It
 * hands events on without a broker in between, which is in its favour.
 */

const BATCH = 500
const POLL_MS = 20
/** A board goes to its room at most this often. */
const BOARD_MS = 100
const TOP = 10

const TAKE = {
  name: 'take',
  text: `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING session_id, user_id, answer_id, points`,
}

interface Event {
  readonly session_id: string
  readonly user_id: string
  readonly answer_id: string
  readonly points: number
}

type Scripted = Redis & { applyEvents(keys: string[], args: (string | number)[]): Promise<(string | number)[]> }

const keysOf = (sessionId: string): string[] => ['board', 'applied', 'version'].map((key) => `${key}:{${sessionId}}`)

const run = async (databaseUrl: string, redisUrl: string): Promise<never> => {
  const redis = new Redis(redisUrl) as Scripted
  const lua = readFileSync(new URL('apply-events.lua', import.meta.url), 'utf8')
  redis.defineCommand('applyEvents', { lua, numberOfKeys: 3 })
  const io = createSocketServer(new Redis(redisUrl))
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const waiting = new Set<string>()

  const sendBoard = async (sessionId: string): Promise<void> => {
    waiting.delete(sessionId)
    const [board = '', , version = ''] = keysOf(sessionId)
    // The version first: the board is at least as new.
    const [now, top] = await Promise.all([redis.get(version), redis.zrevrange(board, 0, TOP - 1, 'WITHSCORES')])
    const entries = Array.from({ length: top.length / 2 }, (_, index) => ({
      rank: index + 1,
      playerId: top[2 * index],
      nickname: top[2 * index],
      score: Number(top[2 * index + 1]),
    }))
    io.to(`session:${sessionId}`).emit('leaderboard', { top: entries, version: Number(now) })
  }

  const apply = async (sessionId: string, events: readonly Event[]): Promise<void> => {
    const args = events.flatMap(({ answer_id, user_id, points }) => [answer_id, user_id, points])
    const [version, ...scores] = await redis.applyEvents(keysOf(sessionId), args)
    for (let at = 0; at < scores.length; at += 2) {
      io.to(`user:${scores[at]}`).emit('score', { version: Number(version), score: Number(scores[at + 1]) })
    }
    if (waiting.has(sessionId)) return
    waiting.add(sessionId)
    setTimeout(() => sendBoard(sessionId).catch((error) => process.stderr.write(`${String(error)}\n`)), BOARD_MS)
  }

  for (;;) {
    await client.query('BEGIN')
    const { rows } = await client.query<Event>(TAKE)
    const sessions = Map.groupBy(rows, ({ session_id }) => session_id)
    for (const [sessionId, events] of sessions) await apply(sessionId, events)
    await client.query('COMMIT')
    if (rows.length < BATCH) await sleep(POLL_MS)
  }
}

serveParent(async ({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }): Promise<void> => {
  run(databaseUrl, redisUrl).catch((error) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
