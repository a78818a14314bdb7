import { create, toBinary } from '@bufbuild/protobuf'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type PlayerTotals, ScoreBatchesSchema, ScoreBatchSchema } from '#gen/score_pb'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { playerIdOf, unpackScore } from '../../../game/scoring/board-order.ts'
import { connectBus } from '../../../platform/test/support/bus.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import { testDatabase } from '../../../platform/test/support/postgres.ts'
import { startRedis } from '../../../platform/test/support/redis.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import { insertSession, type SessionRows } from '../../../platform/test/support/session-rows.ts'

/** NATS, Redis and a database of the test's own, and what a leaderboard reads and writes. */
export const createWorld = async (t: TestContext) => {
  const [nats, redisServer, database] = await Promise.all([
    startNats(t, { streams: true }),
    startRedis(t),
    testDatabase(t),
  ])
  const bus = await connectBus(t, nats.url)
  const redis = new Redis(redisServer.url, { retryStrategy: () => 50 })
  redis.on('error', () => undefined) // it is killed on purpose
  t.teardown(() => redis.disconnect())
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  // end() does not wait until its connections are closed, and the database is dropped, by force, right after it.
  pool.on('error', () => undefined)
  t.teardown(() => pool.end())

  const publish = async (sessionId: string, totals: readonly PlayerTotals[]): Promise<void> => {
    await bus.publisher.publish(subjects.score(sessionId), toBinary(ScoreBatchSchema, batchOf(sessionId, totals)))
  }

  return {
    urls: { nats: nats.url, postgres: database.url, redis: redisServer.url },
    bus,
    nats,
    redis,
    redisServer,
    pool,
    publish,
    /** Totals of several sessions in one message. */
    publishTogether: async (...sessions: (readonly [sessionId: string, totals: readonly PlayerTotals[]])[]) => {
      const batches = sessions.map(([sessionId, totals]) => batchOf(sessionId, totals))
      const message = create(ScoreBatchesSchema, { batches })
      await bus.publisher.publish(subjects.scores, toBinary(ScoreBatchesSchema, message))
    },
    createSession: (players: number) => insertSession(database.url, { players, questions: Array(8).fill({}) }),
    /** What a scorer does: totals into the ledger, then a message with them. */
    score: async (session: SessionRows, totals: readonly PlayerTotals[]): Promise<void> => {
      for (const total of totals) await pool.query(UPSERT, [session.sessionId, ...columnsOf(total)])
      await publish(session.sessionId, totals)
    },
    /** What `session` does with a player that the host removes. */
    remove: async (session: SessionRows, player: number): Promise<void> => {
      await pool.query(`UPDATE players SET status = 'removed' WHERE id = $1`, [session.playerIds[player]])
      await publish(session.sessionId, [{ ...totalsOf(session, player, 0), removed: true }])
    },
    /** The board from the top, as Redis has it. */
    board: async ({ sessionId }: SessionRows) => {
      const flat = await redis.zrevrange(`podium:{${sessionId}}:board`, 0, -1, 'WITHSCORES')
      return flat.flatMap((member, index) =>
        index % 2 === 1 ? [] : [{ playerId: playerIdOf(member), ...unpackScore(Number(flat[index + 1])) }],
      )
    },
    /** The board from the top, as the ledger says. */
    expected: async ({ sessionId }: SessionRows) => {
      const { rows } = await pool.query(
        `SELECT p.id AS "playerId", coalesce(t.points, 0) AS score, coalesce(t.correct_ms, 0)::int AS "correctMs"
         FROM players AS p LEFT JOIN totals AS t USING (session_id, join_order)
         WHERE p.session_id = $1 AND p.status <> 'removed'
         ORDER BY score DESC, "correctMs", join_order`,
        [sessionId],
      )
      return rows
    },
    settled: (timeoutMs = 15_000): Promise<boolean> =>
      eventually(async () => (await bus.pending(streams.scores, durables.leaderboard)) === 0, {
        timeoutMs,
        what: 'every score is acknowledged',
      }),
  }
}

const batchOf = (sessionId: string, totals: readonly PlayerTotals[]) =>
  create(ScoreBatchSchema, { sessionId, totals: [...totals] })

export type World = Awaited<ReturnType<typeof createWorld>>

const UPSERT = `
INSERT INTO totals (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
  rule_version, streak_bonus)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'speed', 1, false)
ON CONFLICT (session_id, join_order) DO UPDATE SET version = excluded.version, points = excluded.points,
  correct_answers = excluded.correct_answers, correct_ms = excluded.correct_ms, answered = excluded.answered,
  correct = excluded.correct`

const columnsOf = ({ joinOrder, version, score, correctAnswers, correctMs }: PlayerTotals): unknown[] => {
  const bits = '1'.repeat(version).padEnd(8, '0')
  return [joinOrder, version, score, correctAnswers, correctMs, bits, bits]
}

/** Totals of a player after so many correct answers; the same score and time for several players now and then. */
export const totalsOf = (session: SessionRows, player: number, answers: number): PlayerTotals => ({
  $typeName: 'podium.v1.PlayerTotals',
  playerId: session.playerIds[player] ?? '',
  joinOrder: player + 1,
  version: answers,
  score: answers * (500 + 100 * (player % 4)),
  correctAnswers: answers,
  correctMs: answers * (1_000 + 10 * (player % 3)),
  streak: answers,
  answered: Uint8Array.of(2 ** answers - 1),
  removed: false,
})
