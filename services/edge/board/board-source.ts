import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { BoardSnapshotRequestSchema, BoardSnapshotResponseSchema } from '#gen/board_pb'
import type { PlayerTotals } from '#gen/score_pb'
import { decodeBoardDelta } from '#platform/contract/codec/board'
import { SESSION_ID, SPANS } from '#platform/contract/names'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Tracing } from '#platform/telemetry'
import { TRACEPARENT } from '#platform/telemetry/tracing'
import type { Totals } from '../../game/scoring/totals.ts'
import type { BoardSource } from './board-replica.ts'

const SNAPSHOT_TIMEOUT_MS = 2_000

/** Snapshots asked for at once: after a reconnect every session of this edge wants one. */
const MAX_REQUESTS = 16

/** Boards as `leaderboard` publishes them over core NATS. */
export const createBoardSource = (options: {
  readonly nats: NatsConnection
  readonly logger: Logger
  readonly tracing: Tracing
}): BoardSource => {
  const { nats, logger, tracing } = options
  const takeTurn = createTurns(MAX_REQUESTS)
  return {
    subscribe: (sessionId, listener) => {
      const consumer = { ...CONSUMER, attributes: { [SESSION_ID]: sessionId } }
      const subscription = nats.subscribe(subjects.board(sessionId), {
        callback: (err, { data, headers }) => {
          try {
            if (err !== null) throw err
            const { epoch, from, to, entries, firstReceivedAtMs } = decodeBoardDelta(data)
            const traceparents = headers?.values(TRACEPARENT)
            const span =
              traceparents && tracing.resume(traceparents, SPANS.process(subjects.board(sessionId)), consumer)
            const answers = { firstReceivedAtMs, players: entries.length, span }
            listener({ epoch, from, to, entries: entries.map(toTotals), answers })
            span?.end()
          } catch (err) {
            // Its change is missing from the versions: the next delta shows the hole.
            logger.error({ err, sessionId }, 'board delta not understood')
          }
        },
      })
      return () => subscription.unsubscribe()
    },
    snapshot: async (sessionId) => {
      const endTurn = await takeTurn()
      try {
        const request = toBinary(BoardSnapshotRequestSchema, create(BoardSnapshotRequestSchema, { sessionId }))
        const reply = await nats.request(subjects.boardSnapshot(sessionId), request, { timeout: SNAPSHOT_TIMEOUT_MS })
        const snapshot = fromBinary(BoardSnapshotResponseSchema, reply.data)
        if (snapshot.sessionId !== sessionId) throw new Error('snapshot of another session')
        return { epoch: snapshot.epoch, version: snapshot.version, entries: snapshot.entries.map(toTotals) }
      } catch (cause) {
        throw new PodiumError('unavailable', { cause })
      } finally {
        endTurn()
      }
    },
  }
}

const CONSUMER = { role: 'consumer' } as const

const NOTHING_ANSWERED = new Uint8Array()

/** With a copy of the bytes: what is decoded is a view that would keep the whole message alive. */
const toTotals = (totals: PlayerTotals): Totals => ({
  playerId: totals.playerId,
  joinOrder: totals.joinOrder,
  version: totals.version,
  score: totals.score,
  correctAnswers: totals.correctAnswers,
  correctMs: totals.correctMs,
  streak: totals.streak,
  answered: totals.answered.length === 0 ? NOTHING_ANSWERED : new Uint8Array(totals.answered),
  removed: totals.removed,
})

/** At most `limit` at once; the others wait in order. The result ends a turn. */
const createTurns = (limit: number): (() => Promise<() => void>) => {
  const waiting: (() => void)[] = []
  let running = 0
  const end = (): void => {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
  return async () => {
    if (running < limit) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return end
  }
}
