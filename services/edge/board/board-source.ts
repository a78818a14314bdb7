import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { BoardSnapshotRequestSchema, type BoardSnapshotResponse, BoardSnapshotResponseSchema } from '#gen/board_pb'
import type { PlayerTotals } from '#gen/score_pb'
import { decodeBoardDelta } from '#platform/contract/codec/board'
import { SESSION_ID, SPANS } from '#platform/contract/names'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Tracing } from '#platform/telemetry'
import { TRACEPARENT } from '#platform/telemetry/tracing'
import type { Totals } from '../../game/scoring/totals.ts'
import type { BoardSnapshot, BoardSource } from './board-replica.ts'

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

  const askForPage = async (sessionId: string, afterPlayerId: string): Promise<BoardSnapshotResponse> => {
    const request = create(BoardSnapshotRequestSchema, { sessionId, afterPlayerId })
    const payload = toBinary(BoardSnapshotRequestSchema, request)
    const reply = await nats.request(subjects.boardSnapshot(sessionId), payload, { timeout: SNAPSHOT_TIMEOUT_MS })
    const page = fromBinary(BoardSnapshotResponseSchema, reply.data)
    if (page.sessionId !== sessionId) throw new Error('snapshot of another session')
    return page
  }

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
        return await readPages((afterPlayerId) => askForPage(sessionId, afterPlayerId))
      } catch (cause) {
        throw new PodiumError('unavailable', { cause })
      } finally {
        endTurn()
      }
    },
  }
}

/** Pages of different epochs are not one board: then it begins again, this often. */
const MAX_RESTARTS = 3

/**
 * A board in pages. Each is read when it is asked for, so later ones may be ahead of the first one's version: deltas from
 * there on name all that has changed meanwhile, and a player's older totals never replace newer ones.
 */
export const readPages = async (
  ask: (afterPlayerId: string) => Promise<BoardSnapshotResponse>,
): Promise<BoardSnapshot> => {
  for (let restarts = 0; restarts <= MAX_RESTARTS; restarts += 1) {
    let page = await ask('')
    const { epoch, version } = page
    const entries = page.entries.map(toTotals)
    while (page.hasMore && page.epoch === epoch) {
      page = await ask(page.entries.at(-1)?.playerId ?? '')
      for (const totals of page.entries) entries.push(toTotals(totals))
    }
    if (page.epoch === epoch) return { epoch, version, entries }
  }
  throw new Error('the board is rebuilt again and again')
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
