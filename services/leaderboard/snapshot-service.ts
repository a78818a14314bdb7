import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { type BoardSnapshotRequest, BoardSnapshotRequestSchema, BoardSnapshotResponseSchema } from '#gen/board_pb'
import { queues } from '#platform/contract/streams'
import { subjects, wildcards } from '#platform/contract/subjects'
import { isId } from '#platform/ids'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { Msg, NatsConnection } from '#platform/nats'
import type { BoardContent } from './ports.ts'
import { toTotals } from './totals-message.ts'

export interface SnapshotServiceOptions {
  readonly nc: NatsConnection
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  /** @throws PodiumError `unavailable` */
  readonly read: (sessionId: string) => Promise<BoardContent | 'unknown-session'>
  /** Requests under way at which further ones are dropped; whoever asked asks again. Default 200. */
  readonly limit?: number
}

/**
 * Answers requests for whole boards; one copy of this service answers each. A session that does not exist has an empty
 * board of epoch 0. A request that cannot be served gets no answer: the asker has a deadline anyway.
 */
export const serveSnapshots = ({ nc, lifecycle, logger, read, limit = 200 }: SnapshotServiceOptions): void => {
  const underWay = new Set<Promise<void>>()

  const answer = async (message: Msg, sessionId: string): Promise<void> => {
    try {
      message.respond(encodeSnapshot(sessionId, await read(sessionId)))
    } catch (err) {
      logger.warn({ err, sessionId }, 'snapshot request failed')
    }
  }

  const serve = (message: Msg): void => {
    const sessionId = sessionOf(message)
    if (sessionId === undefined || underWay.size >= limit) {
      logger.warn({ underWay: underWay.size, subject: message.subject }, 'snapshot request dropped')
      return
    }
    const answering = answer(message, sessionId).finally(() => underWay.delete(answering))
    underWay.add(answering)
  }

  const subscription = nc.subscribe(wildcards.boardSnapshots, {
    queue: queues.leaderboard,
    callback: (err, message) => {
      if (err === null) serve(message)
      else logger.error({ err }, 'snapshot subscription failed')
    },
  })
  lifecycle.onStop('snapshots', async () => {
    await subscription.drain()
    await Promise.all(underWay)
  })
}

/** Undefined when the request is none, or subject and payload disagree. */
const sessionOf = (message: Msg): string | undefined => {
  let request: BoardSnapshotRequest
  try {
    request = fromBinary(BoardSnapshotRequestSchema, message.data)
  } catch {
    return undefined
  }
  const { sessionId } = request
  return isId(sessionId) && message.subject === subjects.boardSnapshot(sessionId) ? sessionId : undefined
}

const encodeSnapshot = (sessionId: string, board: BoardContent | 'unknown-session'): Uint8Array => {
  const { epoch, version, standings } = board === 'unknown-session' ? { epoch: 0, version: 0, standings: [] } : board
  return toBinary(BoardSnapshotResponseSchema, {
    $typeName: 'podium.v1.BoardSnapshotResponse',
    sessionId,
    epoch,
    version,
    entries: standings.map(toTotals),
  })
}
